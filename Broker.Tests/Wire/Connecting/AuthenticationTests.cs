using System.Text;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Wire.Connecting;

/// <summary>A broker that knows one user and lets nobody else in.</summary>
public sealed class BrokerWithUser() : BrokerHost(("Mqtt:Users:0:Name", "user"), ("Mqtt:Users:0:Password", "pencil"));

/// <summary>User names and passwords, and enhanced authentication with SCRAM-SHA-256.</summary>
public sealed class AuthenticationTests(BrokerWithUser broker) : WireTests(broker), IClassFixture<BrokerWithUser>
{
    private const string Method = "SCRAM-SHA-256";

    private Connect WithPassword(string? user, string? password) => Plain() with { UserName = user, Password = password is null ? null : Encoding.UTF8.GetBytes(password).AsMemory() };

    [Theory, Versions, Spec("MQTT-3.1.4-5"), Spec311("MQTT-3.1.4-4")]
    public async Task The_right_password_lets_in(Transport transport, ProtocolVersion version)
    {
        var client = await ConnectAsync(transport, version, WithPassword("user", "pencil"));
        await client.FenceAsync();
    }

    [Theory, Transports]
    public async Task A_method_with_a_very_long_name_is_refused_with_a_reason_that_can_be_read(Transport transport)
    {
        var client = await OpenAsync(transport);
        var properties = new PropertiesBuilder().Add(PropertyId.AuthenticationMethod, new string('m', 60_000)).Build();
        var connAck = await client.RequestAsync(Plain() with { Properties = properties });
        connAck.Reason.ShouldBe(ReasonCode.BadAuthenticationMethod);
        connAck.Properties.Text(PropertyId.ReasonString)!.Length.ShouldBeLessThan(2_000);
        await client.ExpectClosedAsync();
    }

    [Theory, Versions, Spec("MQTT-3.1.4-2", "MQTT-3.2.2-6", "MQTT-3.2.2-7", "MQTT-3.2.2-8", "MQTT-4.13.2-1"), Spec311("MQTT-3.2.2-4", "MQTT-3.2.2-5")]
    public async Task A_wrong_one_and_none_are_refused_with_a_reason_and_the_end(Transport transport, ProtocolVersion version)
    {
        foreach (var connect in new[] { WithPassword("user", "pen"), WithPassword("nobody", "pencil"), WithPassword("user", null), Plain() })
        {
            var client = await OpenAsync(transport, version);
            var connAck = await client.RequestAsync(connect);
            connAck.Reason.ShouldBeOneOf(ReasonCode.BadUserNameOrPassword, ReasonCode.NotAuthorized);
            connAck.SessionPresent.ShouldBeFalse();
            await client.ExpectClosedAsync();
        }
    }

    [Theory, Versions, Spec("MQTT-3.1.4-6"), Spec311("MQTT-3.1.4-5")]
    public async Task What_stands_behind_a_refused_CONNECT_has_no_effect(Transport transport, ProtocolVersion version)
    {
        var client = await OpenAsync(transport, version);
        await client.SendAsync(WithPassword("user", "wrong") with { Version = version }, ScriptedClient.Message($"{Unique}/x", "must not exist", retain: true), new Disconnect());
        (await client.ExpectNotAcceptedAsync()).ShouldNotBeNull();
        var observer = await ConnectAsync(transport, version, WithPassword("user", "pencil"));
        await observer.SubscribeAsync($"{Unique}/x");
        await observer.FenceAsync();
    }

    [Theory, Transports]
    public async Task A_refused_CONNECT_leaves_the_session_and_the_connection_of_that_name_alone(Transport transport)
    {
        var client = await ConnectAsync(transport, ProtocolVersion.V5, WithPassword("user", "pencil"));
        var intruder = await OpenAsync(transport);
        await intruder.RequestAsync(WithPassword("user", "wrong"));
        await intruder.ExpectClosedAsync();
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.12.0-2", "MQTT-4.12.0-5", "MQTT-3.2.0-1", "MQTT-3.15.2-1")]
    public async Task An_exchange_of_AUTH_packets_lets_in(Transport transport)
    {
        var client = await OpenAsync(transport);
        var (asked, scram) = await BeginAsync(client);
        asked.Reason.ShouldBe(ReasonCode.ContinueAuthentication);
        asked.Properties.Text(PropertyId.AuthenticationMethod).ShouldBe(Method);
        await client.SendAsync(Packet(ReasonCode.ContinueAuthentication, scram.Final(asked, "pencil")));
        var connAck = await client.ExpectAsync<ConnAck>();
        connAck.Reason.ShouldBe(ReasonCode.Success);
        connAck.Properties.Text(PropertyId.AuthenticationMethod).ShouldBe(Method);
        scram.Verifies(connAck.Properties).ShouldBeTrue();
        await client.FenceAsync();
    }

    [Theory, Transports, Spec("MQTT-4.12.0-4", "MQTT-3.2.2-7")]
    public async Task A_wrong_proof_is_refused(Transport transport)
    {
        var client = await OpenAsync(transport);
        var (asked, scram) = await BeginAsync(client);
        await client.SendAsync(Packet(ReasonCode.ContinueAuthentication, scram.Final(asked, "crayon")));
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        await client.ExpectClosedAsync();
    }

    [Theory, Transports, Spec("MQTT-4.12.0-3", "MQTT-4.12.0-5", "MQTT-3.1.2-30", "MQTT-3.15.2-1", "MQTT-3.14.0-1")]
    public async Task Anything_but_the_answer_that_was_asked_for_ends_the_exchange(Transport transport)
    {
        var answers = new Func<byte[], IControlPacket>[]
        {
            final => Packet(ReasonCode.ReAuthenticate, final),
            final => new Auth(ReasonCode.ContinueAuthentication) { Properties = new PropertiesBuilder().Add(PropertyId.AuthenticationMethod, "OTHER").Add(PropertyId.AuthenticationData, final).Build() },
            _ => ScriptedClient.Message($"{Unique}/x", ""),
            _ => default(PingReq),
            _ => WithPassword("user", "pencil"),
        };
        foreach (var answer in answers)
        {
            var client = await OpenAsync(transport);
            var (asked, scram) = await BeginAsync(client);
            await client.SendAsync(answer(scram.Final(asked, "pencil")));
            var end = await client.ExpectNotAcceptedAsync(); // a CONNACK with an error, or nothing
            if (end is not null) end.ShouldBe(ReasonCode.ProtocolError);
        }
    }

    [Theory, Transports, Spec("MQTT-3.1.2-30")]
    public async Task A_client_may_give_up_an_exchange(Transport transport)
    {
        var client = await OpenAsync(transport);
        await BeginAsync(client);
        await client.SendAsync(new Disconnect());
        await client.ExpectClosedAsync();
    }

    [Theory, Transports, Spec("MQTT-4.12.1-1", "MQTT-4.12.0-5", "MQTT-4.12.0-2")]
    public async Task A_client_may_authenticate_again_while_everything_else_goes_on(Transport transport)
    {
        var client = await AuthenticatedAsync(transport);
        for (int i = 0; i < 2; i++)
        {
            var scram = new ScramClient();
            await client.SendAsync(Packet(ReasonCode.ReAuthenticate, scram.First()));
            var asked = await client.ExpectAsync<Auth>();
            asked.Reason.ShouldBe(ReasonCode.ContinueAuthentication);
            await client.FenceAsync();
            await client.SendAsync(Packet(ReasonCode.ContinueAuthentication, scram.Final(asked, "pencil")));
            var done = await client.ExpectAsync<Auth>();
            done.Reason.ShouldBe(ReasonCode.Success);
            done.Properties.Text(PropertyId.AuthenticationMethod).ShouldBe(Method);
            scram.Verifies(done.Properties).ShouldBeTrue();
        }
    }

    [Theory, Transports, Spec("MQTT-4.12.1-2")]
    public async Task Who_fails_to_authenticate_again_is_disconnected(Transport transport)
    {
        var client = await AuthenticatedAsync(transport);
        var scram = new ScramClient();
        await client.SendAsync(Packet(ReasonCode.ReAuthenticate, scram.First()));
        await client.SendAsync(Packet(ReasonCode.ContinueAuthentication, scram.Final(await client.ExpectAsync<Auth>(), "crayon")));
        await client.ExpectDisconnectedAsync(ReasonCode.NotAuthorized);
    }

    [Theory, Transports, Spec("MQTT-4.12.1-1")]
    public async Task Authenticating_again_with_another_method_is_a_protocol_error(Transport transport)
    {
        var client = await AuthenticatedAsync(transport);
        await client.SendAsync(new Auth(ReasonCode.ReAuthenticate) { Properties = Prop(PropertyId.AuthenticationMethod, "OTHER") });
        await client.ExpectDisconnectedAsync(ReasonCode.ProtocolError);
    }

    [Theory, Transports, Spec("MQTT-3.15.2-2", "MQTT-3.15.2-3", "MQTT-3.1.2-29")]
    public async Task AUTH_explains_nothing_to_a_client_that_does_not_want_it_or_has_no_room(Transport transport)
    {
        var client = await OpenAsync(transport);
        var (asked, _) = await BeginAsync(client, builder => builder.Add(PropertyId.RequestProblemInformation, 0).Add(PropertyId.MaximumPacketSize, 200));
        asked.Properties.Text(PropertyId.ReasonString).ShouldBeNull();
        asked.Properties.UserProperties.ShouldBeEmpty();
        PacketCodec.ToArray(asked, ProtocolVersion.V5).Length.ShouldBeLessThanOrEqualTo(200);
    }

    private async Task<ScriptedClient> AuthenticatedAsync(Transport transport)
    {
        var client = await OpenAsync(transport);
        var (asked, scram) = await BeginAsync(client);
        await client.SendAsync(Packet(ReasonCode.ContinueAuthentication, scram.Final(asked, "pencil")));
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.Success);
        return client;
    }

    private async Task<(Auth Asked, ScramClient Scram)> BeginAsync(ScriptedClient client, Action<PropertiesBuilder>? more = null)
    {
        var scram = new ScramClient();
        var properties = new PropertiesBuilder().Add(PropertyId.AuthenticationMethod, Method).Add(PropertyId.AuthenticationData, scram.First());
        more?.Invoke(properties);
        await client.SendAsync(Plain() with { Properties = properties.Build() });
        return (await client.ExpectAsync<Auth>(), scram);
    }

    private static Auth Packet(ReasonCode reason, byte[] data) =>
        new(reason) { Properties = new PropertiesBuilder().Add(PropertyId.AuthenticationMethod, Method).Add(PropertyId.AuthenticationData, data).Build() };
}
