using System.Buffers.Text;
using System.Net;
using System.Text;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Persistence.History;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>Clients over REST.</summary>
public abstract class ClientTests(BrokerHost host) : ApiTests(host)
{
    [Fact]
    public async Task A_connected_client_shows_with_its_figures()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await client.SubscribeAsync($"{Unique}/#");
        await client.PublishAsync($"{Unique}elsewhere", "x", QualityOfService.AtLeastOnce);

        var found = await GetAsync($"/clients/{client.ClientIdentifier}");
        (found.Text("state"), found.Text("protocol"), found.Number("subscriptions"), found.Number("sessionExpiryInterval")).ShouldBe(("connected", "5", 1, 3600));
        found.Number("publishReceived").ShouldBe(1);
        found.Text("address")!.ShouldStartWith("127.0.0.1:");
        found.Text("connectedAt")!.ShouldEndWith("Z");
    }

    [Fact]
    public async Task A_client_that_left_is_offline_as_long_as_its_session_lasts_and_expired_after()
    {
        var lasting = await ConnectAsync(Transport.Tcp, ProtocolVersion.V311, Lasting(ProtocolVersion.V311, "lasting"));
        await lasting.DisconnectAsync();
        var passing = await ConnectAsync(Transport.Tcp, ProtocolVersion.V311, name: "passing");
        await passing.DisconnectAsync();

        var offline = await WaitAsync($"/clients/{lasting.ClientIdentifier}", now => now.Text("disconnectedAt") is not null);
        (offline.Text("state"), offline.Text("endedBy"), offline.Number("reasonCode")).ShouldBe(("offline", "client", 0));
        (await WaitAsync($"/clients/{passing.ClientIdentifier}", now => now.Text("disconnectedAt") is not null)).Text("state").ShouldBe("expired");
    }

    [Theory]
    [InlineData("connected")]
    [InlineData("offline")]
    [InlineData("expired")]
    [InlineData(null)]
    public async Task Clients_are_listed_by_state_and_text_page_by_page(string? state)
    {
        string names = $"{Unique}{state}";
        for (int i = 0; i < 5; i++)
        {
            var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V311, new Connect { CleanStart = state == "expired", ClientIdentifier = $"{names}-{i}" });
            if (state is "offline" or "expired") await client.DisconnectAsync();
        }
        string query = $"/clients?limit=2&prefix={names.ToUpperInvariant()}{(state is null ? "" : $"&state={state}")}";
        await WaitAsync(query.Replace("limit=2", "limit=50", StringComparison.Ordinal), now => now.Items().Length == 5);

        var found = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await GetAsync($"{query}&cursor={cursor}");
            page.Items().Length.ShouldBeLessThanOrEqualTo(2);
            found.AddRange(page.Items().Select(item => item.Text("clientId")!));
            if (state is not null) page.Items().ShouldAllBe(item => item.Text("state") == state);
            cursor = page.Text("nextCursor");
        }
        found.Order().ShouldBe(Enumerable.Range(0, 5).Select(i => $"{names}-{i}"));
        (await WaitAsync($"/clients?text={names[1..]}-3", now => now.Items().Length > 0)).Items().ShouldHaveSingleItem().Text("clientId").ShouldBe($"{names}-3");
    }

    [Fact]
    public async Task Sessions_that_the_history_does_not_know_are_listed_among_the_others()
    {
        string[] names = [.. Enumerable.Range(0, 6).Select(i => $"{Unique}{i}")];
        foreach (string name in names) await (await ConnectAsync(Transport.Tcp, ProtocolVersion.V311, new Connect { ClientIdentifier = name })).DisconnectAsync();
        await WaitAsync($"/clients?prefix={Unique}", now => now.Items().Length == 6 && now.Items().All(item => item.Text("disconnectedAt") is not null));
        string[] forgotten = [names[1], names[2], names[5]];
        await Broker.Services.GetRequiredService<HistoryStore>().UseAsync(context => context.Presence.Where(row => forgotten.Contains(row.ClientIdentifier)).ExecuteDeleteAsync());
        await WaitAsync($"/clients?prefix={Unique}", now => now.Items().Length == 6);

        var found = new List<(string?, string?, bool)>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await GetAsync($"/clients?prefix={Unique}&limit=2&cursor={cursor}");
            found.AddRange(page.Items().Select(item => (item.Text("clientId"), item.Text("state"), item.Text("disconnectedAt") is null)));
            cursor = page.Text("nextCursor");
        }
        found.Order().ShouldBe(names.Select(name => ((string?)name, (string?)"offline", forgotten.Contains(name))));
    }

    [Fact]
    public async Task An_identifier_may_hold_anything_and_is_written_in_three_ways()
    {
        string name = $"{Unique}/ä%2F?#\"<b>";
        await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, new Connect { CleanStart = true, ClientIdentifier = name });

        (await GetAsync($"/clients/{Uri.EscapeDataString(name)}")).Text("clientId").ShouldBe(name);
        (await GetAsync($"/clients/~{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name))}")).Text("clientId").ShouldBe(name);
        (await GetAsync($"/clients/~?clientId={Uri.EscapeDataString(name)}")).Text("clientId").ShouldBe(name);
        await RefusedAsync(HttpMethod.Get, "/clients/~", "clientId");
        await RefusedAsync(HttpMethod.Get, "/clients/~!", "id");
    }

    [Fact]
    public async Task A_timeline_tells_in_plain_words_who_ended_a_connection()
    {
        var client = await ConnectAsync(Transport.Tcp);
        await client.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        await SendAsync(HttpMethod.Post, $"/clients/{client.ClientIdentifier}/disconnect", new { reason = "maintenance" }, HttpStatusCode.NoContent);
        await client.ExpectDisconnectedAsync(ReasonCode.AdministrativeAction);

        var events = (await WaitAsync($"/clients/{client.ClientIdentifier}/timeline", now => now.Items() is [var first, ..] && first.Text("kind") == "disconnected")).Items();
        events.Select(one => one.Text("kind")).ShouldBe(["disconnected", "subscribed", "connected"]);
        events[0].Text("text").ShouldBe("Disconnected by the broker: maintenance (0x98 Administrative Action)");
        events[1].Text("text").ShouldBe($"Subscribed to {Unique}/# at QoS 1");
        (await AuditOfAsync(client.ClientIdentifier)).ShouldBe(["client disconnected"]);
        var page = await GetAsync($"/clients/{client.ClientIdentifier}/timeline?limit=1");
        (await GetAsync($"/clients/{client.ClientIdentifier}/timeline?limit=1&cursor={page.Text("nextCursor")}")).Items().ShouldHaveSingleItem().Text("kind").ShouldBe("subscribed");
        (await GetAsync("/events?kind=subscribed&limit=1")).Items().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Several_clients_are_disconnected_at_once_after_a_dry_run()
    {
        var first = await ConnectAsync(Transport.Tcp, name: "first");
        var second = await ConnectAsync(Transport.WebSocket, name: "second");
        string path = "/clients:disconnect";

        var preview = await SendAsync(HttpMethod.Post, path + "?dryRun=true", new { prefix = Unique });
        preview.Number("count").ShouldBe(2);
        preview.GetProperty("sample").EnumerateArray().Select(one => one.GetString()).ShouldBe([first.ClientIdentifier, second.ClientIdentifier]);
        await first.FenceAsync();
        (await SendAsync(HttpMethod.Post, path, new { clientIds = new[] { first.ClientIdentifier, second.ClientIdentifier, "nobody" } })).Number("count").ShouldBe(2);
        await first.ExpectDisconnectedAsync(ReasonCode.AdministrativeAction);
        await second.ExpectDisconnectedAsync(ReasonCode.AdministrativeAction);
    }

    [Fact]
    public async Task A_deleted_session_is_gone_and_its_client_disconnected()
    {
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5));
        await SendAsync(HttpMethod.Delete, $"/clients/{client.ClientIdentifier}", null, HttpStatusCode.NoContent);
        await client.ExpectDisconnectedAsync(ReasonCode.AdministrativeAction);

        var again = await OpenAsync(Transport.Tcp);
        (await again.ConnectAsync(Lasting(ProtocolVersion.V5))).SessionPresent.ShouldBeFalse();
        (await AuditOfAsync(client.ClientIdentifier)).ShouldBe(["session deleted"]);
        await SendAsync(HttpMethod.Delete, "/clients/nobody", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Sessions_are_deleted_as_a_job()
    {
        var away = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "away"));
        await away.DisconnectAsync();
        var here = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5, "here"));
        await WaitAsync($"/clients/{away.ClientIdentifier}", now => now.Text("state") == "offline");

        (await SendAsync(HttpMethod.Post, "/sessions:delete?dryRun=true", new { prefix = Unique, state = "offline" })).Number("count").ShouldBe(1);
        var job = await EndOfJobAsync(await SendAsync(HttpMethod.Post, "/sessions:delete", new { prefix = Unique, state = "offline" }, HttpStatusCode.Accepted));
        (job.Text("state"), job.Number("done")).ShouldBe(("done", 1));
        await here.FenceAsync();
        (await WaitAsync($"/clients/{away.ClientIdentifier}", now => now.Text("state") == "expired")).Number("subscriptions").ShouldBe(0);
    }

    [Fact]
    public async Task What_is_not_allowed_is_named()
    {
        await RefusedAsync(HttpMethod.Get, "/clients?state=asleep", "state");
        await RefusedAsync(HttpMethod.Get, "/clients?limit=0", "limit");
        await RefusedAsync(HttpMethod.Get, "/clients?limit=many", "limit");
        await RefusedAsync(HttpMethod.Get, "/clients?cursor=never", "cursor");
        await RefusedAsync(HttpMethod.Get, "/clients?stat=connected", "stat");
        await RefusedAsync(HttpMethod.Post, "/clients:disconnect", "clientIds", new { });
        await RefusedAsync(HttpMethod.Post, "/clients:disconnect", "names", new { names = new[] { "a" } });
        await RefusedAsync(HttpMethod.Post, "/clients/a/disconnect", "reason", new { reason = new string('x', 201) });
    }
}

/// <summary>On SQLite.</summary>
[Collection(SqliteApi.Name)]
public sealed class SqliteClientTests(SqliteApiHost host) : ClientTests(host);

/// <summary>On PostgreSQL.</summary>
[Collection(PostgreSqlApi.Name)]
public sealed class PostgreSqlClientTests(PostgreSqlApiHost host) : ClientTests(host);
