using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>A message as an onlooker sees it.</summary>
/// <param name="At">When it passed, in milliseconds since 1970.</param>
/// <param name="Message">The message; of a long payload the beginning.</param>
/// <param name="PayloadLength">How long the whole payload is.</param>
public sealed record TailedMessage(long At, ApplicationMessage Message, int PayloadLength);

/// <summary>
/// Lets onlookers see messages as they pass. With nobody looking it costs a publisher one comparison; with somebody, the match of a filter, and a copy of as many messages as the
/// onlooker takes.
/// </summary>
public sealed class MessageTail
{
    private const int MostWaiting = 256, MostPayload = 4 * 1024;

    private readonly Lock gate = new();
    private volatile Watcher[]? watchers;

    /// <summary>Whether anybody looks.</summary>
    internal bool IsWatched => watchers is not null;

    /// <summary>Begins to look.</summary>
    /// <param name="filter">The topics that are wanted.</param>
    public TailRing<TailedMessage> Watch(TopicFilter filter)
    {
        var ring = new TailRing<TailedMessage>(MostWaiting, Close);
        lock (gate) watchers = [.. watchers ?? [], new Watcher(filter, ring)];
        return ring;
    }

    /// <summary>A message passes.</summary>
    internal void Offer(in Publication message, long now)
    {
        TailedMessage? copy = null;
        foreach (var watcher in watchers ?? [])
        {
            if (!watcher.Filter.Matches(message.Topic)) continue;
            if (watcher.Ring.IsFull) watcher.Ring.Skip();
            else watcher.Ring.Add(copy ??= Copy(message, now));
        }
    }

    private static TailedMessage Copy(in Publication message, long now) => new(
        now,
        new ApplicationMessage(new Publication
        {
            Topic = message.Topic,
            Properties = message.Properties,
            Payload = message.Payload[..Math.Min(message.Payload.Length, MostPayload)],
            QoS = message.QoS,
            Retain = message.Retain,
            ExpiresAt = message.ExpiresAt,
            Publisher = message.Publisher,
        }),
        message.Payload.Length);

    private void Close(TailRing<TailedMessage> ring)
    {
        lock (gate) watchers = Array.FindAll(watchers ?? [], watcher => watcher.Ring != ring) is { Length: > 0 } left ? left : null;
    }

    private sealed record Watcher(TopicFilter Filter, TailRing<TailedMessage> Ring);
}
