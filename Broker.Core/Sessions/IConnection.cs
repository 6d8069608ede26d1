using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Core.Sessions;

/// <summary>The connection behind an outbox, as far as sessions know it.</summary>
public interface IConnection
{
    /// <summary>Ends when the connection has left its session.</summary>
    Task Detached { get; }

    /// <summary>Who the client is and what it has sent and received; null before it is let in, and once its session has let go of it.</summary>
    ConnectedClient? Client { get; }

    /// <summary>Asks the connection to end with a reason: from any thread, at once, as often as one likes.</summary>
    void Disconnect(ReasonCode reason, string why);
}
