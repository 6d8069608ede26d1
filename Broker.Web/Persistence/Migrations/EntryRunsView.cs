namespace Broker.Web.Persistence.Migrations;

/// <summary>
/// The view since rows of <c>queue_entries</c> can stand for several entries: the messages that wait, wherever their content is stored, a row each. With a condition on
/// <c>run_sequence</c> beside that on <c>sequence</c>, and in the order of both, a page is read without the rest of the queue.
/// </summary>
internal static class EntryRunsView
{
    private const string Key = "e.session_key, s.client_identifier, e.sequence - p.place AS sequence, COALESCE(e.topic, m.topic) AS topic, e.qos, e.retain, e.released";

    private const string Rest = """
        e.subscription_identifiers, e.share_filter, COALESCE(e.expires_at, m.expires_at) AS expires_at, COALESCE(e.publisher, m.publisher) AS publisher,
        COALESCE(e.properties, m.properties) AS properties, COALESCE(e.payload, m.payload) AS payload, e.sequence AS run_sequence
        """;

    private const string Rows = "queue_entries e JOIN sessions s ON s.key = e.session_key AND s.discarded_at IS NULL";

    /// <summary>
    /// SQLite has no series, and its planner keeps the order of a CROSS JOIN: of each row 64 places are tried, the most that it can have. Programs with an older SQLite than
    /// the broker's can read it.
    /// </summary>
    public const string Sqlite = $"""
        DROP VIEW queued_messages;
        CREATE VIEW queued_messages AS
        WITH RECURSIVE places (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place < 63)
        SELECT {Key}, CASE WHEN e.message_id IS NULL THEN e.size ELSE length(CAST(m.topic AS BLOB)) + COALESCE(length(m.properties), 0) + length(m.payload) END AS size, {Rest}
        FROM {Rows} CROSS JOIN places p LEFT JOIN messages m ON m.id = e.message_id - p.place
        WHERE p.place < e.run_length
        """;

    /// <summary>
    /// A series depends on its row, so that PostgreSQL cannot but begin with the rows: in the order of their index, if that is the order asked for. The view is not dropped:
    /// others may depend on it, and rights on it stay.
    /// </summary>
    public const string PostgreSql = $"""
        CREATE OR REPLACE VIEW queued_messages AS
        SELECT {Key}, CASE WHEN e.message_id IS NULL THEN e.size ELSE octet_length(m.topic) + COALESCE(octet_length(m.properties), 0) + octet_length(m.payload) END AS size, {Rest}
        FROM {Rows} CROSS JOIN LATERAL generate_series(0, e.run_length - 1) AS p (place) LEFT JOIN messages m ON m.id = e.message_id - p.place
        """;
}
