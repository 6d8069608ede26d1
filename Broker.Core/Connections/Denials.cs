using System.Text;
using Broker.Core.Access;
using Broker.Core.Diagnostics;

namespace Broker.Core.Connections;

/// <summary>
/// Counts what one client is denied, and tells of it: of each action and topic once in a while, as a client that is denied tries again. Belongs to its
/// connection's thread.
/// </summary>
internal sealed class Denials(ConnectionServices services, string clientIdentifier)
{
    private const int MostTold = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private HashSet<(string Action, string Topic)>? told;
    private long since;

    /// <summary>The client was denied something.</summary>
    /// <param name="action">What, in words: <c>publish to</c>.</param>
    /// <param name="topic">The topic, in UTF-8.</param>
    /// <param name="decision">The decision.</param>
    public void Tell(string action, ReadOnlySpan<byte> topic, AccessDecision decision) => Tell(action, Encoding.UTF8.GetString(topic), decision);

    /// <summary>The client was denied something.</summary>
    public void Tell(string action, string topic, AccessDecision decision)
    {
        services.Counters.Denied();
        if (told is null || services.Time.GetElapsedTime(since) >= Pause)
        {
            (told, since) = ([], services.Time.GetTimestamp());
        }
        if (told.Count >= MostTold || !told.Add((action, topic))) return;
        services.Events.Tell(new AccessDenied(clientIdentifier, action, topic, decision.ToString()));
    }
}
