using System.Diagnostics.CodeAnalysis;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <summary>Retained messages that a new subscription is still to get, at the pace of its client.</summary>
/// <remarks>They are looked for when their turn comes: a client that asks for everything many times over holds one list, not many.</remarks>
internal sealed class RetainedBacklog(
    Func<List<(RetainedTopic Topic, ApplicationMessage Message)>> match, SubscriptionOptions options, uint[] identifiers)
{
    private List<(RetainedTopic Topic, ApplicationMessage Message)>? messages;
    private int next;

    public SubscriptionOptions Options => options;

    public uint[] Identifiers => identifiers;

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
            if (topic.Message == message && message.ExpiresAt > now) return true;
        }
        message = null;
        return false;
    }

    /// <summary>The last one could not be sent: it comes again.</summary>
    public void PutBack() => next--;
}
