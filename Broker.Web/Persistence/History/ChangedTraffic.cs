using Broker.Core.Diagnostics;

namespace Broker.Web.Persistence.History;

/// <summary>Goes round the connected clients, some at a time, and picks those whose figures went on since it met them last.</summary>
internal sealed class ChangedTraffic(Func<IEnumerable<ConnectedClient>> clients)
{
    private IEnumerator<ConnectedClient>? round;
    private Dictionary<string, (DateTimeOffset ConnectedAt, long Packets)> met = [], before = [];

    /// <summary>Looks at so many clients at most.</summary>
    public List<ConnectedClient> Next(int most)
    {
        var changed = new List<ConnectedClient>();
        round ??= clients().GetEnumerator();
        for (int looked = 0; looked < most; looked++)
        {
            if (!round.MoveNext())
            {
                round.Dispose();
                round = null;
                (met, before) = ([], met); // those who left are forgotten in the next round
                break;
            }
            var client = round.Current;
            var now = (client.ConnectedAt, client.Traffic.PacketsReceived + client.Traffic.PacketsSent);
            if (!before.TryGetValue(client.ClientIdentifier, out var known) || known != now) changed.Add(client);
            met[client.ClientIdentifier] = now;
        }
        return changed;
    }
}
