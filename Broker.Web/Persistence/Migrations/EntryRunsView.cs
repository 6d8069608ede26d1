namespace Broker.Web.Persistence.Migrations;

/// <summary>The view since rows of <c>queue_entries</c> can stand for several entries.</summary>
internal static class EntryRunsView
{
    /// <summary>
    /// The messages that wait, wherever their content is stored, one row each; the same text on both databases. With a condition on <c>run_sequence</c> beside that on
    /// <c>sequence</c>, and in the order of both, a page is read without the rest of the queue.
    /// </summary>
    public const string QueuedMessages = """
        CREATE VIEW queued_messages AS
        WITH RECURSIVE places (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place < 255)
        SELECT e.session_key, s.client_identifier, e.sequence - p.place AS sequence, e.sequence AS run_sequence, COALESCE(e.topic, m.topic) AS topic, e.qos, e.retain, e.released,
               CASE WHEN e.message_id IS NULL THEN e.size ELSE octet_length(m.topic) + COALESCE(octet_length(m.properties), 0) + octet_length(m.payload) END AS size,
               e.subscription_identifiers, e.share_filter, COALESCE(e.expires_at, m.expires_at) AS expires_at, COALESCE(e.publisher, m.publisher) AS publisher,
               COALESCE(e.properties, m.properties) AS properties, COALESCE(e.payload, m.payload) AS payload
        FROM queue_entries e
        JOIN sessions s ON s.key = e.session_key AND s.discarded_at IS NULL
        CROSS JOIN places p
        LEFT JOIN messages m ON m.id = e.message_id - p.place
        WHERE p.place < e.run_length
        """;
}
