namespace Broker.Web.Persistence.History;

/// <summary>The statements that write in masses; what differs between the databases is only where the rows come from.</summary>
internal static class HistorySql
{
    private static readonly string[] Figures = ["packets_received", "packets_sent", "publish_received", "publish_sent", "bytes_received", "bytes_sent"];

    private static readonly string[] PresenceColumns =
    [
        "client_key", "connected_at", "disconnected_at", .. Figures,
        "reason_code", "ended_by", "reason", "client_identifier", "user_name", "address", "listener", "protocol",
    ];

    /// <summary>Sets the state of clients. What an earlier owner of the store still writes when its successor has begun comes too late.</summary>
    public static string SetPresence(string rows) => $"""
        INSERT INTO client_presence ({string.Join(", ", PresenceColumns)}) {rows}
        ON CONFLICT (client_key) DO UPDATE SET {string.Join(", ", PresenceColumns.Skip(1).Select(column => $"{column} = excluded.{column}"))}
        WHERE excluded.connected_at >= client_presence.connected_at
        """;

    /// <summary>Sets the figures of a connection that lasts.</summary>
    public static string SetTraffic(string values, string from, string where) =>
        $"UPDATE client_presence SET ({string.Join(", ", Figures)}) = ({values}) {from} WHERE {where} AND disconnected_at IS NULL";

    /// <summary>Adds events.</summary>
    public static string AddEvents(string rows) => $"""
        INSERT INTO client_events (id, at, client_key, count, reason_code, kind, ended_by, client_identifier, address, detail) {rows}
        ON CONFLICT (id) DO NOTHING
        """;

    /// <summary>Adds figures of the broker.</summary>
    public static string AddStatistics(string rows) => $"INSERT INTO statistics (name, resolution, at, value) {rows} ON CONFLICT DO NOTHING";
}
