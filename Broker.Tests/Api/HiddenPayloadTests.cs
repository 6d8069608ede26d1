using System.Net.ServerSentEvents;
using System.Text.Json;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Security;

namespace Broker.Tests.Api;

/// <summary>Payloads are kept from viewers wherever messages are told; operators see them.</summary>
public sealed class HiddenPayloadTests(HiddenPayloadTests.AdministeredHost host) : ApiTests(host), IClassFixture<HiddenPayloadTests.AdministeredHost>
{
    private const string Secret = "1234 opens it";

    [Theory]
    [InlineData(Role.Viewer, true)]
    [InlineData(Role.Operator, false)]
    public async Task What_waits_and_what_is_in_flight(Role role, bool isHidden)
    {
        var receiver = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, Lasting(ProtocolVersion.V5) with { Properties = Window(1) });
        await receiver.SubscribeAsync($"{Unique}/#", QualityOfService.AtLeastOnce);
        foreach (string topic in new[] { "sent", "waiting" }) await SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/{topic}", payload = Secret, qos = 1 });

        using var session = await Broker.SignInAsync(role);
        foreach (string path in new[] { $"/api/v1/clients/{receiver.ClientIdentifier}/queue", $"/api/v1/clients/{receiver.ClientIdentifier}/inflight", $"/export/queue.json?id={receiver.ClientIdentifier}", $"/export/queue.csv?id={receiver.ClientIdentifier}" })
        {
            string text = await session.Http.GetStringAsync(path);
            text.ShouldContain($"{Unique}/sent", Case.Sensitive, path);
            text.Contains(Secret, StringComparison.Ordinal).ShouldBe(!isHidden, path);
            text.ShouldNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret)));
        }
        var page = JsonDocument.Parse(await session.Http.GetStringAsync($"/api/v1/clients/{receiver.ClientIdentifier}/queue")).RootElement;
        page.Items().Select(item => (item.Text("state"), item.GetProperty("payload").GetProperty("isHidden").GetBoolean(), item.GetProperty("payload").Number("length")))
            .ShouldBe([("sent", isHidden, Secret.Length), ("waiting", isHidden, Secret.Length)]);
    }

    [Theory]
    [InlineData(Role.Viewer, true)]
    [InlineData(Role.Operator, false)]
    public async Task What_passes(Role role, bool isHidden)
    {
        using var session = await Broker.SignInAsync(role);
        await using var stream = SseParser.Create(await session.Http.GetStreamAsync($"/api/v1/messages/stream?filter={Unique}/%23")).EnumerateAsync().GetAsyncEnumerator();
        (await stream.MoveNextAsync().AsTask().WaitAsync(RunningProgram.Patience)).ShouldBeTrue(); // it has begun
        await SendAsync(HttpMethod.Post, "/publish", new { topic = $"{Unique}/a", payload = Secret });

        while (stream.Current.EventType != "message") (await stream.MoveNextAsync().AsTask().WaitAsync(RunningProgram.Patience)).ShouldBeTrue();
        var seen = JsonDocument.Parse(stream.Current.Data).RootElement;
        seen.Text("topic").ShouldBe($"{Unique}/a");
        seen.GetProperty("payload").GetProperty("isHidden").GetBoolean().ShouldBe(isHidden);
        seen.GetProperty("payload").Text("text").ShouldBe(isHidden ? "" : Secret);
    }

    private static Properties Window(ushort receiveMaximum) =>
        new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Add(PropertyId.ReceiveMaximum, receiveMaximum).Build();

    /// <summary>A host with an administrator: only then people sign in.</summary>
    public sealed class AdministeredHost() : BrokerHost(("Admin:Password", SignedIn.Password));
}
