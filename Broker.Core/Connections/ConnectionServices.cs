using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Routing;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Core.Topics;
using Microsoft.Extensions.Logging;

namespace Broker.Core.Connections;

/// <summary>What every connection uses.</summary>
public sealed record ConnectionServices(
    SessionRegistry Sessions,
    MessageRouter Router,
    RetainedMessages Retained,
    SystemTopics SystemTopics,
    IAuthenticator Authenticator,
    AccessControl Access,
    Journal Journal,
    BrokerCounters Counters,
    Limits Limits,
    Redirect Redirect,
    TimeProvider Time,
    Task Ready,
    ILogger Logger)
{
    /// <summary>What becomes of a client that publishes where it may not and cannot be told.</summary>
    public RefusedPublish RefusedPublish { get; init; }

    /// <summary>What is held in memory for all clients.</summary>
    public required HeldMemory Memory { get; init; }

    /// <summary>Hears what happens to clients.</summary>
    public IClientEvents Events { get; init; } = NoClientEvents.Instance;

    /// <summary>Told how long PUBACKs waited for their commit, of some of them.</summary>
    public Action<TimeSpan> AcknowledgedAfter { get; init; } = static _ => { };
}
