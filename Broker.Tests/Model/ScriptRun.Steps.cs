using System.Text;
using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <content>What each step is on the wire and in the model.</content>
internal sealed partial class ScriptRun
{
    private async Task ConnectAsync(ConnectStep step)
    {
        var earlier = clients[step.Client];
        var client = clients[step.Client] = new MemoryClient(broker, step.Version);
        await client.SendAsync(PacketOf(step));
        if (earlier is not null)
        {
            takenOver.AddRange(await earlier.TakeLastAsync());
            await earlier.CloseAsync();
        }
        received[step.Client].AddRange(await client.FenceAsync());
        Gather();
        model.Connect(step);
    }

    private async Task ActAsync(Step step, MemoryClient client, ReferenceSession session)
    {
        var connection = session.Connection!;
        switch (step)
        {
            case ConnectStep connect:
                await ConnectAsync(connect);
                return;
            case DropStep drop:
                if (drop.InPacket) await client.SendAsync([0x32, 20, 0, 1, (byte)'a']);
                await client.CloseAsync();
                clients[step.Client] = null;
                Gather();
                model.Detach(session, willIsDue: true);
                return;
            case LeaveStep leave:
                await LeaveAsync(leave, client, session);
                break;
            case SubscribeStep subscribe:
                await SubscribeAsync(subscribe, client, session);
                break;
            case UnsubscribeStep unsubscribe:
                await client.SendAsync(new Unsubscribe(++lastIdentifier, unsubscribe.Filters));
                await FenceAsync(step, client);
                ReferenceBroker.Unsubscribe(session, unsubscribe, lastIdentifier);
                break;
            case PublishStep publish:
                bool again = publish.QoS == QualityOfService.ExactlyOnce && session.Incoming.ContainsKey(publish.Identifier);
                await client.SendAsync(PacketOf(publish, connection.Version, again));
                await FenceAsync(step, client);
                model.Publish(session, publish);
                break;
            case ReleaseStep release:
                await AnswerAsync(step, client, session, ControlPacketType.PubRel, release.Identifier);
                break;
            case StrayStep stray:
                await AnswerAsync(step, client, session, stray.Type, StrayStep.Identifier);
                break;
            case AcknowledgeStep acknowledge when session.Unacknowledged is { Count: > 0 } open:
                var outgoing = open[acknowledge.Which % open.Count];
                var type = outgoing.QoS == QualityOfService.AtLeastOnce ? ControlPacketType.PubAck
                    : outgoing.Released && !acknowledge.Again ? ControlPacketType.PubComp : ControlPacketType.PubRec;
                bool refuse = acknowledge.Refuse && connection.Version == ProtocolVersion.V5 && !outgoing.Released;
                await AnswerAsync(step, client, session, type, outgoing.Identifier, refuse ? ReasonCode.QuotaExceeded : ReasonCode.Success);
                break;
        }
        expected[step.Client].AddRange(connection.Expected); // which the connection may not have survived
        connection.Expected.Clear();
    }

    private async Task FenceAsync(Step step, MemoryClient client)
    {
        received[step.Client].AddRange(await client.FenceAsync());
        if (client.IsClosed) await client.CloseAsync();
        Gather();
    }

    private async Task LeaveAsync(LeaveStep step, MemoryClient client, ReferenceSession session)
    {
        bool v5 = session.Connection!.Version == ProtocolVersion.V5;
        if (!v5) step = step with { WithWill = false, Expiry = null };
        var properties = step.Expiry is { } expiry ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, expiry).Build() : Properties.None;
        await client.SendAsync(new Disconnect(step.WithWill ? ReasonCode.DisconnectWithWillMessage : ReasonCode.Success) { Properties = properties });
        received[step.Client].AddRange(await client.TakeLastAsync());
        await client.CloseAsync();
        Gather();
        model.Leave(session, step);
    }

    private async Task SubscribeAsync(SubscribeStep step, MemoryClient client, ReferenceSession session)
    {
        var version = session.Connection!.Version;
        bool v5 = version == ProtocolVersion.V5;
        // MQTT 3.1 cannot refuse a filter, and before MQTT 5 there is nothing but the QoS.
        if (version == ProtocolVersion.V31) step = step with { Requests = [.. step.Requests.Where(request => !request.Filter.Contains("#/", StringComparison.Ordinal))] };
        if (step.Requests.Count == 0) return;
        var properties = v5 && step.Identifier > 0 ? new PropertiesBuilder().Add(PropertyId.SubscriptionIdentifier, step.Identifier).Build() : Properties.None;
        var requests = step.Requests.Select(request => v5 ? request : new SubscriptionRequest(request.Filter, new SubscriptionOptions(request.Options.QoS)));
        await client.SendAsync(new Subscribe(++lastIdentifier, [.. requests]) { Properties = properties });
        await FenceAsync(step, client);
        model.Subscribe(session, step, lastIdentifier);
    }

    // The order of retained messages of different topics is the broker's own: another subscriber asks for it.
    private List<Message> InOrder(string filter, List<Message> messages)
    {
        var order = ProbeAsync(filter).GetAwaiter().GetResult().FindAll(packet => packet.Text.StartsWith("PUBLISH", StringComparison.Ordinal));
        return [.. messages.OrderBy(message => order.FindIndex(packet => packet.Text.StartsWith($"PUBLISH {message.Topic} ", StringComparison.Ordinal)))];
    }

    private async Task<List<Packet>> ProbeAsync(string filter)
    {
        await probe.SendAsync(new Subscribe(1, [new(filter, new SubscriptionOptions(QualityOfService.AtMostOnce))]));
        await probe.SendAsync(new Unsubscribe(2, [filter]));
        return await probe.FenceAsync();
    }

    private async Task AnswerAsync(
        Step step, MemoryClient client, ReferenceSession session, ControlPacketType type, ushort identifier, ReasonCode reason = ReasonCode.Success)
    {
        switch (type)
        {
            case ControlPacketType.PubAck: await client.SendAsync(new PubAck(identifier, reason)); break;
            case ControlPacketType.PubRec: await client.SendAsync(new PubRec(identifier, reason)); break;
            case ControlPacketType.PubRel: await client.SendAsync(new PubRel(identifier, reason)); break;
            default: await client.SendAsync(new PubComp(identifier, reason)); break;
        }
        await FenceAsync(step, client);
        model.Acknowledge(session, type, identifier, reason);
    }

    private static Connect PacketOf(ConnectStep step)
    {
        var connect = new Connect { Version = step.Version, ClientIdentifier = Step.NameOf(step.Client), CleanStart = step.CleanStart, Will = WillOf(step) };
        if (step.Version != ProtocolVersion.V5) return connect;
        return connect with
        {
            Properties = new PropertiesBuilder()
                .Add(PropertyId.SessionExpiryInterval, step.Expiry).Add(PropertyId.ReceiveMaximum, step.ReceiveMaximum).Add(PropertyId.TopicAliasMaximum, step.Aliases).Build(),
        };
    }

    private static Will? WillOf(ConnectStep step)
    {
        if (step.Will is not { } wish) return null;
        var will = new Will { Topic = wish.Topic, Payload = Encoding.UTF8.GetBytes(wish.Payload), QoS = wish.QoS, Retain = wish.Retain };
        if (step.Version != ProtocolVersion.V5) return will;
        var properties = new PropertiesBuilder().Add(PropertyId.WillDelayInterval, wish.Delay);
        if (wish.Expiry is { } expiry) properties.Add(PropertyId.MessageExpiryInterval, expiry);
        return will with { Properties = properties.Build() };
    }

    private static Publish PacketOf(PublishStep step, ProtocolVersion version, bool again)
    {
        var properties = new PropertiesBuilder();
        if (version == ProtocolVersion.V5 && step.Expiry is { } expiry) properties.Add(PropertyId.MessageExpiryInterval, expiry);
        if (version == ProtocolVersion.V5 && step.User is { } user) properties.AddUserProperty("name", user);
        return new Publish
        {
            Topic = Encoding.UTF8.GetBytes(step.Topic),
            Payload = Encoding.UTF8.GetBytes(step.Payload),
            QoS = step.QoS,
            Retain = step.Retain,
            Duplicate = again,
            PacketIdentifier = step.QoS == QualityOfService.AtMostOnce ? (ushort)0 : step.Identifier,
            Properties = properties.Build(),
        };
    }
}
