using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <summary>
/// What a broker does, in the plainest words: no concurrency, no bytes, no indexes. Where the standard leaves a choice it does as this broker says it does: one
/// copy for overlapping subscriptions, a client's own will counts as its own message, packet identifiers rise from 1 in the order of queueing.
/// </summary>
internal sealed partial class ReferenceBroker(int receiveMaximum)
{
    private const long LongestExpiry = 30 * 86_400;
    private readonly List<ReferenceSession> sessions = [];
    private readonly Dictionary<string, Message> retained = [];

    /// <summary>The time in milliseconds.</summary>
    public long Now { get; private set; }

    /// <summary>What a connection that is taken over is expected to get in this step.</summary>
    public List<Packet> TakenOver { get; } = [];

    /// <summary>Says which member of a group got a message, as that is the broker's choice.</summary>
    public required Func<IReadOnlyList<ReferenceSession>, Message, ReferenceSession> Choose { get; init; }

    /// <summary>How many sessions there are, and how many subscriptions in all of them.</summary>
    public (int Sessions, int Subscriptions) Counts => (sessions.Count, sessions.Sum(session => session.Subscriptions.Count));

    /// <summary>Puts the retained messages of a filter into the order in which the broker sends them, as that is its choice where they are of different topics.</summary>
    public required Func<string, List<Message>, List<Message>> InOrder { get; init; }

    public ReferenceSession? Find(string client) => sessions.Find(session => session.Client == client);

    public void Connect(ConnectStep step)
    {
        string client = Step.NameOf(step.Client);
        var session = Find(client);
        if (session?.Connection is { } earlier)
        {
            if (earlier.Version == ProtocolVersion.V5) TakenOver.Add(Packet.Disconnect(ReasonCode.SessionTakenOver));
            TakenOver.Add(Packet.Closed);
            Detach(session, willIsDue: true);
        }
        session = Find(client);
        if (session is not null && step.CleanStart)
        {
            End(session);
            session = null;
        }
        bool present = session is not null;
        if (session is null) sessions.Add(session = new ReferenceSession(client, topic => retained.GetValueOrDefault(topic), InOrder));
        bool v5 = step.Version == ProtocolVersion.V5;
        session.Expiry = v5 ? step.Expiry : step.CleanStart ? 0 : uint.MaxValue;
        session.EndsAt = session.WillAt = null;
        session.Will = step.Will is { } will && !v5 ? will with { Delay = 0, Expiry = null } : step.Will;
        session.Open(new ReferenceConnection(step.Version, v5 ? step.ReceiveMaximum : ushort.MaxValue));
        session.Expect(Packet.ConnAck(present && step.Version != ProtocolVersion.V31, ReasonCode.Success));
        session.SendWaiting(Now);
    }

    /// <summary>The client's connection has ended.</summary>
    public void Detach(ReferenceSession session, bool willIsDue)
    {
        session.Connection = null;
        if (!willIsDue) session.Will = null;
        if (session.Expiry == 0)
        {
            End(session);
            return;
        }
        session.EndsAt = Now + Math.Min(session.Expiry, LongestExpiry) * 1000;
        if (session.Will is not { } will) return;
        if (will.Delay > 0) session.WillAt = Now + will.Delay * 1000L;
        else PublishWill(session);
    }

    /// <summary>DISCONNECT came.</summary>
    public void Leave(ReferenceSession session, LeaveStep step)
    {
        if (step.Expiry is { } expiry)
        {
            if (session.Expiry == 0 && expiry > 0)
            {
                Refuse(session, ReasonCode.ProtocolError);
                return;
            }
            session.Expiry = expiry;
        }
        session.Expect(Packet.Closed);
        Detach(session, step.WithWill);
    }

    /// <summary>Time passes: wills and sessions come to their end, one after the other.</summary>
    public void Wait(long milliseconds)
    {
        long target = Now + milliseconds;
        while (true)
        {
            var next = sessions.Where(session => session.Connection is null).MinBy(DueAt);
            if (next is null || DueAt(next) > target) break;
            Now = DueAt(next);
            if (next.EndsAt <= Now) End(next);
            else PublishWill(next);
        }
        Now = target;
    }

    private static long DueAt(ReferenceSession session) => Math.Min(session.EndsAt ?? long.MaxValue, session.WillAt ?? long.MaxValue);

    /// <summary>The client broke a rule.</summary>
    private void Refuse(ReferenceSession session, ReasonCode reason)
    {
        if (session.Connection!.Version == ProtocolVersion.V5) session.Expect(Packet.Disconnect(reason));
        session.Expect(Packet.Closed);
        Detach(session, willIsDue: true);
    }

    private void End(ReferenceSession session)
    {
        sessions.Remove(session);
        PublishWill(session);
    }

    private void PublishWill(ReferenceSession session)
    {
        var will = session.Will;
        session.Will = null;
        session.WillAt = null;
        if (will is null) return;
        long? expires = will.Expiry is { } seconds ? Now + seconds * 1000L : null;
        Route(new Message(will.Topic, will.Payload, will.QoS, will.Retain, session.Client, expires, null));
    }

    private static bool Matches(string filter, string topic) => Matches(filter.Split('/'), topic.Split('/'));

    private static bool Matches(ReadOnlySpan<string> filter, ReadOnlySpan<string> topic)
    {
        if (filter is ["#"]) return true;
        if (filter.IsEmpty || topic.IsEmpty) return filter.IsEmpty && topic.IsEmpty;
        if (filter[0] != "+" && filter[0] != topic[0]) return false;
        return Matches(filter[1..], topic[1..]);
    }
}
