using System.Diagnostics.CodeAnalysis;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <summary>Retained messages that a new subscription is still to get, at the pace of its client. Belongs to its session's lock.</summary>
/// <remarks>They are looked for when their turn comes: a client that asks for everything many times over holds one list, not many.</remarks>
internal sealed class RetainedBacklog(
    Func<List<(RetainedTopic Topic, ApplicationMessage Message)>> match, SubscriptionOptions options, uint[] identifiers)
{
    private const int MostAtOnce = 64, MostBytesAtOnce = 1024 * 1024;

    private static readonly ApplicationMessage Gone = new(new Publication { Topic = "-"u8, ExpiresAt = 0 });

    private List<(RetainedTopic Topic, ApplicationMessage Message)>? messages;
    private int next;

    public SubscriptionOptions Options => options;

    public uint[] Identifiers => identifiers;

    /// <summary>Whether the next payloads are being read from the store.</summary>
    public bool IsReading { get; private set; }

    /// <summary>
    /// The next message. One that was replaced meanwhile is passed over: its successor was published after the subscription was made and has been delivered
    /// as a live message.
    /// </summary>
    public bool TryNext(long now, [NotNullWhen(true)] out ApplicationMessage? message)
    {
        messages ??= match();
        while (next < messages.Count)
        {
            (var topic, message) = messages[next++];
            if (IsCurrent(topic, message) && message.ExpiresAt > now) return true;
        }
        message = null;
        return false;
    }

    /// <summary>The last one could not be sent: it comes again.</summary>
    public void PutBack() => next--;

    /// <summary>Begins to read payloads: gives the places of those that come next without, and the broker's numbers of their topics.</summary>
    public (List<int> Places, List<long> Topics) BeginReading()
    {
        IsReading = true;
        var (places, topics, bytes) = (new List<int>(), new List<long>(), 0L);
        for (int i = next; i < messages!.Count && places.Count < MostAtOnce && bytes < MostBytesAtOnce; i++)
        {
            var (topic, message) = messages[i];
            if (message.IsWhole || !IsCurrent(topic, message)) continue;
            places.Add(i);
            topics.Add(topic.Number);
            bytes += message.MissingPayload;
        }
        return (places, topics);
    }

    /// <summary>The payloads were read, or nobody waited for them; what is not there any more is passed over.</summary>
    public void EndReading(List<int> places, IReadOnlyList<ApplicationMessage?>? read)
    {
        IsReading = false;
        for (int i = 0; read is not null && i < places.Count; i++)
        {
            var (topic, message) = messages![places[i]];
            var whole = read[i] ?? Gone;
            if (whole != Gone) whole.RetainedSequence = message.RetainedSequence;
            messages[places[i]] = (topic, whole);
        }
    }

    private static bool IsCurrent(RetainedTopic topic, ApplicationMessage message) => topic.Message?.RetainedSequence == message.RetainedSequence;
}
