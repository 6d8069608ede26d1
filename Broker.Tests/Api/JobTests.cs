using System.Net;
using Broker.Core;
using Broker.Tests.Testing;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>Long work that is stopped over REST.</summary>
public abstract class JobTests(BrokerHost host) : ApiTests(host)
{
    private Jobs Jobs => Broker.Services.GetRequiredService<Jobs>();

    [Fact]
    public async Task A_job_runs_until_somebody_stops_it()
    {
        var job = Jobs.Start("wait", Unique, 10, Actor.Configuration, job => Task.Delay(Timeout.Infinite, job.Cancellation));
        (await GetAsync($"/jobs/{job.Id}")).Text("state").ShouldBe("running");

        (await SendAsync(HttpMethod.Delete, $"/jobs/{job.Id}", null, HttpStatusCode.Accepted)).Text("id").ShouldBe(job.Id);
        var ended = await WaitAsync($"/jobs/{job.Id}", now => now.Text("state") != "running");
        (ended.Text("state"), ended.Text("problem"), ended.Text("endedAt") is null).ShouldBe(("cancelled", null, false));
        (await SendAsync(HttpMethod.Delete, $"/jobs/{job.Id}", null, HttpStatusCode.Accepted)).Text("state").ShouldBe("cancelled");
        (await SendAsync(HttpMethod.Delete, "/jobs/none", null, HttpStatusCode.NotFound)).Text("code").ShouldBe("not_found");
    }

    [Fact]
    public async Task What_a_job_has_done_when_it_is_stopped_stays_and_the_rest_is_left_alone()
    {
        const int Retained = 1_200;
        var publisher = await ConnectAsync(Transport.Tcp);
        for (int i = 0; i < Retained; i++) await publisher.SendAsync(ScriptedClient.Message($"{Unique}/{i}", "x") with { Retain = true });
        await publisher.FenceAsync();

        var broker = Broker.Services.GetRequiredService<MqttBroker>();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = Jobs.Start("delete retained messages", $"{Unique}/#", Retained, Actor.Configuration, job => broker.ClearRetainedAsync($"{Unique}/#", null, done =>
        {
            job.Report(done);
            stopped.Task.Wait(CancellationToken.None); // at the first report
        }, job.Cancellation));
        await WaitAsync($"/jobs/{job.Id}", now => now.Number("done") > 0);
        await SendAsync(HttpMethod.Delete, $"/jobs/{job.Id}", null, HttpStatusCode.Accepted);
        stopped.SetResult();

        var ended = await WaitAsync($"/jobs/{job.Id}", now => now.Text("state") != "running");
        ended.Text("state").ShouldBe("cancelled");
        broker.CountRetained($"{Unique}/#").Count.ShouldBe(Retained - ended.Number("done"));
        ended.Number("done").ShouldBeInRange(1, Retained - 1);
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqliteJobTests(SqliteApiHost host) : JobTests(host);

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlJobTests(PostgreSqlApiHost host) : JobTests(host);
