namespace Broker.Web.Persistence.Migrations;

/// <summary>How PostgreSQL keeps the tables that the first migration makes; a migration that changes it brings a text of its own.</summary>
internal static class InitialStorage
{
    /// <summary>
    /// Long payloads stand outside their rows as they are: most are compressed already, and trying again costs more than the commit. Queues turn over quickly:
    /// what was deleted from them is to be cleaned up long before a fifth of the table has gone, or reading a queue from its head passes all of it.
    /// </summary>
    public const string PostgreSql = """
        ALTER TABLE queue_entries ALTER COLUMN payload SET STORAGE EXTERNAL;
        ALTER TABLE messages ALTER COLUMN payload SET STORAGE EXTERNAL;
        ALTER TABLE retained_messages ALTER COLUMN payload SET STORAGE EXTERNAL;
        ALTER TABLE queue_entries SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000);
        ALTER TABLE messages SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000)
        """;
}
