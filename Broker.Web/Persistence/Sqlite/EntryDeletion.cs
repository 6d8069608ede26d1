using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>
/// Deletes entries of a queue that follow each other. Which messages they refer to is asked before: <c>RETURNING</c> would have SQLite look each row up by its
/// key two times more, and take more than twice as long as both statements.
/// </summary>
internal sealed class EntryDeletion(RawConnection connection)
{
    private readonly RawStatement referred = connection.Prepare(
        "SELECT message_id FROM queue_entries WHERE session_key = ?1 AND sequence BETWEEN ?2 AND ?3 AND message_id IS NOT NULL");

    private readonly RawStatement delete = connection.Prepare("DELETE FROM queue_entries WHERE session_key = ?1 AND sequence BETWEEN ?2 AND ?3");

    /// <summary>Deletes those that are there.</summary>
    /// <param name="range">Which ones.</param>
    /// <param name="references">Where it is noted what becomes of the references; null if none of them refers to a message.</param>
    /// <returns>How many there were.</returns>
    public int Delete(EntryRange range, ReferenceChanges? references)
    {
        if (references is not null)
        {
            Bind(referred, range);
            while (referred.Step()) references.Add(referred.Long(0), -1);
        }
        Bind(delete, range);
        delete.Run();
        return connection.Changes;
    }

    private static void Bind(RawStatement statement, EntryRange range)
    {
        statement.Bind(1, range.Session);
        statement.Bind(2, range.First);
        statement.Bind(3, range.Last);
    }
}
