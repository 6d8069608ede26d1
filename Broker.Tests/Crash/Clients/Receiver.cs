using Broker.Core.Protocol;
using Broker.Tests.Crash.Accounts;

namespace Broker.Tests.Crash.Clients;

/// <summary>
/// A subscriber with a session that lasts. Writes down what came before it acknowledges it. What it does besides follows from its conduct: it takes itself
/// over, stays away, leaves in the middle of its work, unsubscribes, or begins anew.
/// </summary>
internal class Receiver(Stage stage, ClientRole role, int seed) : CrashClient(stage, role, seed)
{
    private readonly List<(ControlPacketType Type, ushort Identifier)> answers = [];
    private long leaveAt, returnAt, changeAt;
    private bool wantsAnew, wantsSubscription;

    /// <summary>Whether it is to be there; asked by the run at the beginning of a cycle.</summary>
    public volatile bool IsInvited = true;

    protected override bool WantsToBeThere => Stage.IsDraining || (IsInvited && Environment.TickCount64 >= returnAt);

    protected override bool BeginsAnew => Role.Conduct == Conduct.Renewer && (wantsAnew || !Mine.HasSession);

    private bool MayMisbehave => !Stage.IsDraining && Environment.TickCount64 >= leaveAt;

    protected override void Serve(Link link, bool isPresent)
    {
        wantsAnew = false;
        leaveAt = Environment.TickCount64 + Random.Next(30, 400);
        changeAt = leaveAt;
        answers.Clear();
        if (Mine.Subscription is SubscriptionState.None or SubscriptionState.Subscribing) Subscribe(link);
        else if (Mine.Subscription == SubscriptionState.Unsubscribing) Unsubscribe(link);
        else wantsSubscription = Mine.Subscription == SubscriptionState.Subscribed;
        while (!Stage.IsOver)
        {
            bool came = link.Receive(Tick);
            while (link.TryTake(out var type, out byte first, out var body)) Take(type, first, body);
            Settle();
            if (came && MayMisbehave && Role.Conduct == Conduct.Member)
            {
                returnAt = Environment.TickCount64 + Random.Next(60);
                return; // what came last is not acknowledged
            }
            foreach (var (type, identifier) in answers) Answer(link, type, identifier);
            answers.Clear();
            link.Flush();
            if (!WantsToBeThere)
            {
                if (Random.Next(2) == 0) Leave(link);
                return;
            }
            if (MayMisbehave) Misbehave(link);
        }
        Leave(link);
    }

    private static void Leave(Link link)
    {
        try
        {
            link.Leave();
        }
        catch (LinkEndedException)
        {
            // That is what it waited for.
        }
    }

    private void Misbehave(Link link)
    {
        switch (Role.Conduct)
        {
            case Conduct.Online:
                throw new TakeOverException();
            case Conduct.Wanderer when Environment.TickCount64 >= changeAt && Mine.Subscription is SubscriptionState.Subscribed or SubscriptionState.Unsubscribed:
                changeAt = Environment.TickCount64 + Random.Next(20, 100);
                if (wantsSubscription) Unsubscribe(link);
                else Subscribe(link);
                break;
            case Conduct.Renewer:
                wantsAnew = true;
                throw new TakeOverException();
            default:
                leaveAt = Environment.TickCount64 + Random.Next(30, 400);
                break;
        }
    }

    private void Subscribe(Link link)
    {
        wantsSubscription = true;
        Note(Told.Subscribing);
        Settle();
        // What is retained already would come as a message of old: only those before MQTT 5 cannot say that they do not want it.
        link.Write(new Subscribe(1, [.. Role.Filters.Select(filter => new SubscriptionRequest(filter,
            Role.Version == ProtocolVersion.V5 ? new SubscriptionOptions(Role.QoS, RetainHandling: 2) : new SubscriptionOptions(Role.QoS)))]));
        link.Flush();
    }

    private void Unsubscribe(Link link)
    {
        wantsSubscription = false;
        Note(Told.Unsubscribing);
        Settle();
        link.Write(new Unsubscribe(2, [.. Role.Filters]));
        link.Flush();
    }

    private void Take(ControlPacketType type, byte first, ReadOnlyMemory<byte> body)
    {
        switch (type)
        {
            case ControlPacketType.Publish:
                TakePublish(Publish.Read(first, body, Role.Version, Sender.Server));
                break;
            case ControlPacketType.PubRel:
                ushort released = PubRel.Read(body, Role.Version, Sender.Server).PacketIdentifier;
                Note(Told.Released, 0, released);
                answers.Add((ControlPacketType.PubComp, released));
                break;
            case ControlPacketType.SubAck:
                if (SubAck.Read(body, Role.Version).Reasons.Any(reason => reason.IsError())) throw new LinkEndedException("SUBACK refuses");
                if (wantsSubscription) Note(Told.Subscribed);
                break;
            case ControlPacketType.UnsubAck:
                if (!wantsSubscription) Note(Told.Unsubscribed);
                break;
            default:
                TakeOther(type, body);
                break;
        }
    }

    private void TakePublish(Publish publish)
    {
        if (Payload.TryRead(publish.Payload.Span, Stage.Ledger.Run, out int index, out long number)
            && index < Stage.Cast.Streams.Count && Stage.Cast.Streams[index] is var stream
            && publish.Topic.Span.SequenceEqual(stream.TopicBytes) && publish.QoS == Lower(stream.QoS, Role.QoS)
            && (Role.Version != ProtocolVersion.V5
                || Correlation.IsRight(publish.Properties, Stage.Cast.Clients[stream.Publisher].Version, index, number)))
        {
            Note(Told.Delivered, (Details)(int)publish.QoS | (publish.Duplicate ? Details.Duplicate : 0) | (publish.Retain ? Details.Retain : 0),
                publish.PacketIdentifier, index, number);
        }
        else
        {
            Note(Told.Altered, (Details)(int)publish.QoS, publish.PacketIdentifier);
        }
        answers.Add((publish.QoS == QualityOfService.ExactlyOnce ? ControlPacketType.PubRec : ControlPacketType.PubAck, publish.PacketIdentifier));
    }

    private static QualityOfService Lower(QualityOfService one, QualityOfService other) => one < other ? one : other;

    private static void Answer(Link link, ControlPacketType type, ushort identifier)
    {
        if (type == ControlPacketType.PubAck) link.Write(new PubAck(identifier));
        else if (type == ControlPacketType.PubRec) link.Write(new PubRec(identifier));
        else link.Write(new PubComp(identifier));
    }
}
