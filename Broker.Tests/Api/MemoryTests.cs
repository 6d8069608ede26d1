using System.Net;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Api;

/// <summary>The API where nothing is stored: what it tells is read from the process, and the audit is written all the same.</summary>
public sealed class MemoryTests(BrokerHost host) : ApiTests(host), IClassFixture<BrokerHost>
{
    [Fact]
    public async Task Clients_queues_and_retained_messages_are_read_from_the_process()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        var published = await SendAsync(HttpMethod.Put, $"/retained/message?topic={Unique}/a", new { payload = "x", qos = 1 });
        (published.Number("matchedSubscribers"), published.GetProperty("persisted").GetBoolean()).ShouldBe((1, false));

        (await GetAsync($"/clients?prefix={Unique}")).Items().ShouldHaveSingleItem().Text("state").ShouldBe("connected");
        (await GetAsync($"/clients/{client.ClientIdentifier}/inflight")).Items().ShouldHaveSingleItem().Text("topic").ShouldBe($"{Unique}/a");
        var retained = (await GetAsync($"/retained?prefix={Unique}")).Items().ShouldHaveSingleItem();
        (retained.GetProperty("payload").Text("text"), retained.Text("storedAt")).ShouldBe(("x", null));
        (await GetAsync($"/clients/{client.ClientIdentifier}/timeline")).Items().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_waiting_queue_is_dropped_and_the_audit_tells_of_it()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        await client.DisconnectAsync();
        await WaitAsync($"/clients/{client.ClientIdentifier}", now => now.Text("state") == "offline");
        for (int i = 0; i < 3; i++) await SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/{i}", qos = 1 });

        var job = await EndOfJobAsync(await SendAsync(HttpMethod.Delete, $"/clients/{client.ClientIdentifier}/queue", null, HttpStatusCode.Accepted));
        (job.Text("state"), job.Number("done")).ShouldBe(("done", 3));
        (await GetAsync($"/clients/{client.ClientIdentifier}")).Number("queuedMessages").ShouldBe(0);
        (await AuditOfAsync(client.ClientIdentifier)).ShouldBe(["queue deleted"]);
        var again = await OpenAsync(Transport.Tcp);
        (await again.ConnectAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeTrue();
        await again.FenceAsync();
    }
}
