using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>
/// Deletes entries of a queue that follow each other. Which messages they refer to is asked before: <c>RETURNING</c> would have SQLite look each row up by its
/// key two times more, and take thrice as long as both statements.
/// </summary>
internal sealed class EntryDeletion(RawConnection connection)
{
    private readonly RawStatement referred = connection.Prepare(
        "SELECT message_id FROM queue_entries WHERE session_key = ?1 AND sequence BETWEEN ?2 AND ?3 AND message_id IS NOT NULL");

    private readonly RawStatement delete = connection.Prepare("DELETE FROM queue_entries WHERE session_key = ?1 AND sequence BETWEEN ?2 AND ?3");

    /// <summary>Deletes those that are there.</summary>
    /// <param name="session">The session's key.</param>
    /// <param name="first">The lowest sequence.</param>
    /// <param name="last">The highest sequence.</param>
    /// <param name="references">Where it is noted what becomes of the references; null if none of them refers to a message.</param>
    /// <returns>How many there were.</returns>
    public int Delete(long session, long first, long last, ReferenceChanges? references)
    {
        if (references is not null)
        {
            Bind(referred, session, first, last);
            while (referred.Step()) references.Add(referred.Long(0), -1);
        }
        Bind(delete, session, first, last);
        delete.Run();
        return connection.Changes;
    }

    private static void Bind(RawStatement statement, long session, long first, long last)
    {
        statement.Bind(1, session);
        statement.Bind(2, first);
        statement.Bind(3, last);
    }
}
