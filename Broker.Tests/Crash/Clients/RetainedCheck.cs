using Broker.Core.Protocol;
using Broker.Tests.Crash.Accounts;

namespace Broker.Tests.Crash.Clients;

/// <summary>
/// Asks a broker that has just come back for its retained messages, while nobody publishes: each must be the last that was acknowledged or one that was sent
/// after it; deleted ones must be gone.
/// </summary>
internal static class RetainedCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Adds to the verdict what is wrong. False if the connection ended before all was seen.</summary>
    public static bool TryRun(Stage stage)
    {
        var streams = stage.Cast.Streams.Where(stream => stream.Kind is StreamKind.Retained or StreamKind.Flipping).ToList();
        var found = new Dictionary<string, (bool IsRight, StreamRole? Stream, long Number)>();
        try
        {
            Collect(stage, found, streams);
        }
        catch (LinkEndedException)
        {
            return false;
        }
        foreach (var stream in streams)
        {
            var wrong = stage.Ledger.Look(account => Judge(account.Streams[stream.Index], found));
            if (wrong is not null) stage.Ledger.Blame(Fault.Retained, wrong);
        }
        return true;
    }

    private static void Collect(Stage stage, Dictionary<string, (bool, StreamRole?, long)> found, List<StreamRole> streams)
    {
        using var link = Link.Open(stage.Port, ProtocolVersion.V5);
        link.Write(new Connect { Version = ProtocolVersion.V5, ClientIdentifier = "auditor", CleanStart = true });
        link.Write(new Subscribe(1, [.. new[] { StreamKind.Retained, StreamKind.Flipping }
            .Select(kind => new SubscriptionRequest($"crash/{Cast.Letter(kind)}/#", new SubscriptionOptions(QualityOfService.AtMostOnce)))]));
        link.Flush();
        bool subscribed = false, pinged = false, answered = false;
        for (long began = Environment.TickCount64; !answered; link.Receive(TimeSpan.FromMilliseconds(5)))
        {
            while (link.TryTake(out var type, out byte first, out var body))
            {
                if (type == ControlPacketType.Publish) Note(stage, found, Publish.Read(first, body, ProtocolVersion.V5, Sender.Server));
                else if (type == ControlPacketType.SubAck) subscribed = true;
                else if (type == ControlPacketType.PingResp) answered = true;
                else if (type != ControlPacketType.ConnAck || ConnAck.Read(body, ProtocolVersion.V5).Reason.IsError()) throw new LinkEndedException($"{type}");
            }
            bool isLate = Environment.TickCount64 - began > Patience.TotalMilliseconds;
            if (isLate && !subscribed) throw new LinkEndedException("no SUBACK came");
            if (!subscribed || pinged || !(isLate || streams.TrueForAll(stream => stage.Ledger.Look(account => !MustBeThere(account.Streams[stream.Index])) || found.ContainsKey(stream.Topic)))) continue;
            // Everything that must come has come; what should not have would stand before the answer to this.
            link.Write(default(PingReq));
            link.Flush();
            pinged = true;
        }
    }

    private static void Note(Stage stage, Dictionary<string, (bool, StreamRole?, long)> found, Publish publish)
    {
        bool isRight = Payload.TryRead(publish.Payload.Span, stage.Ledger.Run, out int index, out long number) && index < stage.Cast.Streams.Count;
        found[System.Text.Encoding.UTF8.GetString(publish.Topic.Span)] = (isRight, isRight ? stage.Cast.Streams[index] : null, number);
    }

    private static bool MustBeThere(StreamAccount stream) => stream.LastAcknowledged > 0
        && !Numbers(stream).Any(stream.Role.IsClearing);

    // The numbers of the messages that may be the retained one.
    private static IEnumerable<long> Numbers(StreamAccount stream)
    {
        for (long number = stream.LastAcknowledged; number <= stream.Sent; number++) yield return number;
    }

    private static string? Judge(StreamAccount stream, Dictionary<string, (bool IsRight, StreamRole? Stream, long Number)> found)
    {
        string range = $"{stream.Role.Topic} should hold one of {stream.LastAcknowledged} to {stream.Sent}";
        if (!found.TryGetValue(stream.Role.Topic, out var value)) return MustBeThere(stream) ? $"{range} and holds none" : null;
        if (!value.IsRight || value.Stream != stream.Role) return $"{range} and holds something else";
        if (value.Number < stream.LastAcknowledged || value.Number > stream.Sent || stream.Role.IsClearing(value.Number)) return $"{range} and holds {value.Number}";
        return null;
    }
}
