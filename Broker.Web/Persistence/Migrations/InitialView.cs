namespace Broker.Web.Persistence.Migrations;

/// <summary>The view as the first migration makes it; a migration that changes it brings a text of its own.</summary>
internal static class InitialView
{
    /// <summary>The messages that wait, wherever their content is stored; the same text on both databases.</summary>
    public const string QueuedMessages = """
        CREATE VIEW queued_messages AS
        SELECT e.session_key, s.client_identifier, e.sequence, COALESCE(e.topic, m.topic) AS topic, e.qos, e.retain, e.released, e.size,
               e.subscription_identifiers, e.share_filter, COALESCE(e.expires_at, m.expires_at) AS expires_at, COALESCE(e.publisher, m.publisher) AS publisher,
               COALESCE(e.properties, m.properties) AS properties, COALESCE(e.payload, m.payload) AS payload
        FROM queue_entries e
        JOIN sessions s ON s.key = e.session_key AND s.discarded_at IS NULL
        LEFT JOIN messages m ON m.id = e.message_id
        """;
}
