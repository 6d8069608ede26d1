using System.Text;
using Broker.Core.Protocol;

namespace Broker.Tests.Testing;

/// <summary>What tests say often, in one line each.</summary>
public sealed partial class ScriptedClient
{
    private ushort lastIdentifier;

    /// <summary>Sends CONNECT and takes the answer, whatever it is.</summary>
    public async Task<ConnAck> RequestAsync(Connect connect)
    {
        ClientIdentifier = connect.ClientIdentifier;
        await SendAsync(connect with { Version = Version });
        return await ExpectAsync<ConnAck>();
    }

    /// <summary>Sends CONNECT, which must be accepted.</summary>
    public async Task<ConnAck> ConnectAsync(Connect connect)
    {
        var connAck = await RequestAsync(connect);
        if (connAck.Reason != ReasonCode.Success) throw Failure($"CONNECT was refused with {connAck.Reason}");
        return connAck;
    }

    /// <summary>Subscribes to one filter, which must be granted as asked.</summary>
    public Task<SubAck> SubscribeAsync(string filter, QualityOfService qos = QualityOfService.ExactlyOnce) =>
        SubscribeAsync(filter, new SubscriptionOptions(qos));

    /// <summary>Subscribes to one filter, which must be granted as asked. Retained messages stay on the stream for the test to take.</summary>
    public async Task<SubAck> SubscribeAsync(string filter, SubscriptionOptions options, Properties properties = default)
    {
        await SendAsync(new Subscribe(NextIdentifier(), [new(filter, options)]) { Properties = properties });
        var subAck = await ExpectAsync<SubAck>();
        subAck.Reasons.ShouldBe([(ReasonCode)options.QoS]);
        return subAck;
    }

    /// <summary>Takes back one filter, which must have been there.</summary>
    public async Task<UnsubAck> UnsubscribeAsync(string filter)
    {
        await SendAsync(new Unsubscribe(NextIdentifier(), [filter]));
        var unsubAck = await ExpectAsync<UnsubAck>();
        if (Version == ProtocolVersion.V5) unsubAck.Reasons.ShouldBe([ReasonCode.Success]);
        return unsubAck;
    }

    /// <summary>
    /// Publishes, and comes back when the broker has taken the message: after PUBACK, after PUBCOMP, at QoS 0 after a fence. Whatever the broker sends to
    /// this client meanwhile fails it, so publishers that subscribe themselves send by hand.
    /// </summary>
    public async Task PublishAsync(string topic, string payload, QualityOfService qos = QualityOfService.AtMostOnce, bool retain = false, Properties properties = default)
    {
        ushort identifier = qos == QualityOfService.AtMostOnce ? (ushort)0 : NextIdentifier();
        await SendAsync(Message(topic, payload, qos, identifier, retain, properties));
        switch (qos)
        {
            case QualityOfService.AtMostOnce:
                await FenceAsync();
                break;
            case QualityOfService.AtLeastOnce:
                (await ExpectAsync<PubAck>()).ShouldSatisfyAllConditions(ack => ack.PacketIdentifier.ShouldBe(identifier), ack => ack.Reason.IsError().ShouldBeFalse());
                break;
            default:
                (await ExpectAsync<PubRec>()).ShouldSatisfyAllConditions(ack => ack.PacketIdentifier.ShouldBe(identifier), ack => ack.Reason.IsError().ShouldBeFalse());
                await SendAsync(new PubRel(identifier));
                (await ExpectAsync<PubComp>()).ShouldBe(new PubComp(identifier));
                break;
        }
    }

    /// <summary>Takes a PUBLISH with that payload and completes its handshake.</summary>
    public async Task<Publish> ReceiveAsync(string payload)
    {
        var publish = await ReceiveAsync();
        if (publish.PayloadText() != payload) throw Failure($"it expected a PUBLISH with \"{payload}\"");
        return publish;
    }

    /// <summary>Takes a PUBLISH and completes its handshake.</summary>
    public async Task<Publish> ReceiveAsync()
    {
        var publish = await ExpectAsync<Publish>();
        await AcknowledgeAsync(publish);
        return publish;
    }

    /// <summary>Completes the handshake of a PUBLISH. What arrives before its PUBREL is kept for the next expectation.</summary>
    public async Task AcknowledgeAsync(Publish publish)
    {
        switch (publish.QoS)
        {
            case QualityOfService.AtLeastOnce:
                await SendAsync(new PubAck(publish.PacketIdentifier));
                break;
            case QualityOfService.ExactlyOnce:
                await SendAsync(new PubRec(publish.PacketIdentifier));
                while (await ReadAsync("PubRel") is var packet && packet is not PubRel { Reason: ReasonCode.Success })
                    setAside.Enqueue(packet ?? throw Failure("it expected PubRel, and the connection ended"));
                await SendAsync(new PubComp(publish.PacketIdentifier));
                break;
        }
    }

    /// <summary>Sends DISCONNECT, and comes back when the broker has closed the connection.</summary>
    public async Task DisconnectAsync(ReasonCode reason = ReasonCode.Success, Properties properties = default)
    {
        await SendAsync(new Disconnect(reason) { Properties = properties });
        await ExpectClosedAsync();
        Cut();
    }

    /// <summary>The broker must end the connection with a DISCONNECT that carries this reason; before MQTT 5 without a word.</summary>
    public async Task ExpectDisconnectedAsync(ReasonCode reason)
    {
        if (Version == ProtocolVersion.V5) (await ExpectAsync<Disconnect>()).Reason.ShouldBe(reason);
        await ExpectClosedAsync();
    }

    /// <summary>A packet identifier that this client has not used yet.</summary>
    public ushort NextIdentifier() => ++lastIdentifier;

    /// <summary>A PUBLISH.</summary>
    public static Publish Message(string topic, string payload, QualityOfService qos = QualityOfService.AtMostOnce, ushort identifier = 0, bool retain = false, Properties properties = default) =>
        new() { Topic = Encoding.UTF8.GetBytes(topic), Payload = Encoding.UTF8.GetBytes(payload), QoS = qos, PacketIdentifier = identifier, Retain = retain, Properties = properties };
}

/// <summary>What a PUBLISH says, as text.</summary>
public static class PublishText
{
    /// <summary>The payload as text.</summary>
    public static string PayloadText(this Publish publish) => Encoding.UTF8.GetString(publish.Payload.Span);

    /// <summary>The topic as text.</summary>
    public static string TopicText(this Publish publish) => Encoding.UTF8.GetString(publish.Topic.Span);
}
