using Broker.Core.Protocol;
using Broker.Tests.Testing;
using static Broker.Tests.Testing.WebSocketRawStream;

namespace Broker.Tests.Wire.Transports;

/// <summary>MQTT over WebSocket: packets and frames have nothing to do with each other, and what is no binary frame ends the connection.</summary>
public sealed class WebSocketTests(BrokerHost broker) : WireTests(broker), IClassFixture<BrokerHost>
{
    private static readonly byte[] Ping = [0xC0, 0x00];

    private async Task<(ScriptedClient Client, WebSocketRawStream Stream)> ConnectAsync()
    {
        var client = await ConnectAsync(Transport.WebSocket);
        return (client, (WebSocketRawStream)client.Stream);
    }

    [Fact, Spec("MQTT-6.0.0-2"), Spec311("MQTT-6.0.0-2")]
    public async Task Several_packets_in_one_frame_and_one_byte_a_frame_are_the_same_stream()
    {
        var (client, stream) = await ConnectAsync();
        await stream.SendFrameAsync(Opcode.Binary, (byte[])[.. Ping, .. Ping, .. Ping]);
        await client.ExpectManyAsync<PingResp>(3);
        byte[] publish = PacketCodec.ToArray(ScriptedClient.Message($"{Unique}/x", new string('x', 300), QualityOfService.AtLeastOnce, 1), ProtocolVersion.V5);
        foreach (byte value in publish) await stream.SendFrameAsync(Opcode.Binary, new[] { value });
        await client.ExpectAsync<PubAck>();
        await client.FenceAsync();
    }

    [Fact, Spec("MQTT-6.0.0-2"), Spec311("MQTT-6.0.0-2")]
    public async Task Fragments_with_a_ping_between_them_are_one_message()
    {
        var (client, stream) = await ConnectAsync();
        byte[] publish = PacketCodec.ToArray(ScriptedClient.Message($"{Unique}/x", "fragments", QualityOfService.AtLeastOnce, 1), ProtocolVersion.V5);
        await stream.SendFrameAsync(Opcode.Binary, publish.AsMemory(0, 3), final: false);
        await stream.SendFrameAsync(Opcode.Ping, "here"u8.ToArray());
        await stream.SendFrameAsync(Opcode.Continuation, publish.AsMemory(3, 2), final: false);
        await stream.SendFrameAsync(Opcode.Continuation, publish.AsMemory(5));
        await client.ExpectAsync<PubAck>();
        stream.Pong.ShouldBe("here"u8.ToArray());
    }

    [Fact, Spec("MQTT-6.0.0-2"), Spec311("MQTT-6.0.0-2")]
    public async Task An_empty_message_says_nothing_and_breaks_nothing()
    {
        var (client, stream) = await ConnectAsync();
        await stream.SendFrameAsync(Opcode.Binary, default);
        await stream.SendFrameAsync(Opcode.Binary, Ping.AsMemory(0, 1));
        await stream.SendFrameAsync(Opcode.Binary, default);
        await stream.SendFrameAsync(Opcode.Binary, Ping.AsMemory(1, 1));
        await client.ExpectAsync<PingResp>();
        await stream.SendFrameAsync(Opcode.Binary, default, final: false);
        await stream.SendFrameAsync(Opcode.Continuation, Ping);
        await client.ExpectAsync<PingResp>();
    }

    [Fact, Spec("MQTT-6.0.0-1"), Spec311("MQTT-6.0.0-1")]
    public async Task A_text_frame_ends_the_connection_and_the_will_is_sent()
    {
        var observer = await ConnectAsync(Transport.Tcp, name: "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        var client = await ConnectAsync(Transport.WebSocket, ProtocolVersion.V5, Plain() with { Will = new Will { Topic = $"{Unique}/will", Payload = "gone"u8.ToArray() } });
        await ((WebSocketRawStream)client.Stream).SendFrameAsync(Opcode.Text, Ping);
        await EndedAsync(client);
        await observer.ReceiveAsync("gone");
    }

    [Theory]
    [InlineData("an unmasked frame", Opcode.Binary, 2, true, false, 0)]
    [InlineData("a reserved bit", Opcode.Binary, 2, true, true, 4)]
    [InlineData("another reserved bit", Opcode.Binary, 2, true, true, 1)]
    [InlineData("a reserved kind of frame", (Opcode)3, 2, true, true, 0)]
    [InlineData("a reserved kind of control frame", (Opcode)11, 0, true, true, 0)]
    [InlineData("a long control frame", Opcode.Ping, 126, true, true, 0)]
    [InlineData("a fragmented control frame", Opcode.Ping, 1, false, true, 0)]
    [InlineData("a continuation of nothing", Opcode.Continuation, 2, true, true, 0)]
    public async Task Broken_framing_ends_the_connection(string what, Opcode opcode, int length, bool final, bool masked, byte reserved)
    {
        var (client, stream) = await ConnectAsync();
        await stream.SendFrameAsync(opcode, new byte[length], final, masked, reserved);
        await EndedAsync(client);
        if (stream.CloseCode is { } code) code.ShouldBe(1002, what);
    }

    [Fact]
    public async Task A_new_message_within_a_fragmented_one_ends_the_connection()
    {
        var (client, stream) = await ConnectAsync();
        await stream.SendFrameAsync(Opcode.Binary, Ping.AsMemory(0, 1), final: false);
        await stream.SendFrameAsync(Opcode.Binary, Ping.AsMemory(1, 1));
        await EndedAsync(client);
    }

    [Theory, InlineData("03 E8"), InlineData("03 E9 'bye'"), InlineData("")]
    public async Task A_close_frame_is_answered_and_does_not_take_the_will_back(string payload)
    {
        var observer = await ConnectAsync(Transport.Tcp, name: "observer");
        await observer.SubscribeAsync($"{Unique}/will");
        var client = await ConnectAsync(Transport.WebSocket, ProtocolVersion.V5, Plain() with { Will = new Will { Topic = $"{Unique}/will", Payload = "gone"u8.ToArray() } });
        var stream = (WebSocketRawStream)client.Stream;
        await stream.SendFrameAsync(Opcode.Close, Hex.Parse(payload));
        await client.ExpectClosedAsync();
        stream.CloseCode.ShouldNotBeNull();
        stream.CloseCode.ShouldNotBe(1005);
        await observer.ReceiveAsync("gone");
    }

    [Fact]
    public async Task The_broker_ends_with_a_close_frame_as_well()
    {
        var (client, stream) = await ConnectAsync();
        await client.SendAsync(new Disconnect());
        await client.ExpectClosedAsync();
        stream.CloseCode.ShouldBe(1000);
    }

    [Theory, Spec("MQTT-6.0.0-4"), Spec311("MQTT-6.0.0-4")]
    [InlineData("mqtt", "mqtt"), InlineData("chat, mqtt", "mqtt"), InlineData("mqttv3.1", "mqttv3.1"), InlineData("a,b , mqtt,c", "mqtt"), InlineData("mqttv3.1, mqtt", "mqtt")]
    public async Task The_sub_protocol_is_found_anywhere_in_the_offer(string offer, string selected)
    {
        using var stream = await WebSocketRawStream.OpenAsync(Broker.Address.HttpPort, offer);
        stream.SubProtocol.ShouldBeOneOf([selected, .. offer.Contains("mqttv3.1,", StringComparison.Ordinal) ? ["mqttv3.1"] : Array.Empty<string>()]);
    }

    [Theory, Spec("MQTT-6.0.0-3"), Spec311("MQTT-6.0.0-3")]
    [InlineData(null), InlineData("chat"), InlineData("MQTTX, mqttv9")]
    public async Task Without_the_sub_protocol_the_handshake_fails_and_nothing_is_echoed(string? offer)
    {
        using var stream = await WebSocketRawStream.RequestAsync(Broker.Address.HttpPort, "/mqtt", offer);
        stream.Response.ShouldNotStartWith("HTTP/1.1 101");
        stream.SubProtocol.ShouldBeNull();
    }

    [Fact]
    public async Task Clients_of_TCP_and_of_WebSocket_see_each_other()
    {
        var tcp = await ConnectAsync(Transport.Tcp, name: "tcp");
        var (web, _) = await ConnectAsync();
        await tcp.SubscribeAsync($"{Unique}/to/tcp");
        await web.SubscribeAsync($"{Unique}/to/web");
        await tcp.PublishAsync($"{Unique}/to/web", "hello", QualityOfService.ExactlyOnce);
        await web.ReceiveAsync("hello");
        await web.PublishAsync($"{Unique}/to/tcp", "hello back", QualityOfService.ExactlyOnce);
        await tcp.ReceiveAsync("hello back");
    }

    private static async Task EndedAsync(ScriptedClient client)
    {
        // An MQTT 5 client may hear a DISCONNECT first.
        if (await client.ExpectRefusedAsync() is { } reason) reason.IsError().ShouldBeTrue();
    }
}
