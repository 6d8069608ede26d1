using Broker.Core.Access;
using Broker.Core.Diagnostics;

namespace Broker.Core.Connections;

/// <content>What others may know of the client.</content>
internal sealed partial class ClientConnection
{
    private volatile ClientIdentity? introduced;
    private DateTimeOffset connectedAt;

    /// <summary>The client with its figures at this moment; null before it is let in and once its session has let go of it.</summary>
    public ConnectedClient? Client => introduced is { } client ? Describe(client) : null;

    private void Introduce(ClientIdentity identity)
    {
        connectedAt = services.Time.GetUtcNow();
        services.Events.Tell(new ClientConnected(Describe(identity)));
        introduced = identity; // who reads of it later has heard of it before
    }

    private ConnectedClient Describe(ClientIdentity identity) => new()
    {
        ClientIdentifier = identity.ClientIdentifier,
        UserName = identity.UserName,
        Address = identity.Address?.ToString(),
        Listener = transport.Listener,
        Version = version,
        ConnectedAt = connectedAt,
        Traffic = traffic.Copy(),
    };

    private void TakeLeave(ConnectionEnd why)
    {
        if (Client is not { } client) return;
        introduced = null;
        services.Counters.Ended(why.By, why.Reason);
        services.Events.Tell(new ClientDisconnected(client, why.By, why.Reason, why.Told));
    }
}
