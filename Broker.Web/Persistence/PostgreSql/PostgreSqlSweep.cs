using System.Text;
using Broker.Web.Persistence.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Deletes what discarded sessions left behind, a bounded number of rows of each table in one transaction. Of the journal's thread alone.</summary>
/// <remarks>
/// Of a transaction whose end was not heard of, the owner's row tells later whether it was committed: each transaction writes a version of that row, which
/// bears its id. Else the references that it took away would be counted for ever, or ones that are still there would not be. The id alone would not do: a
/// server that crashed gives ids of which it had written nothing away again.
/// </remarks>
internal sealed class PostgreSqlSweep(Leftovers leftovers, MessageReferences references)
{
    private const int Sessions = 500, Rows = 2_000;

    // Rows until they stand for so many entries.
    private const string EntriesSql = """
        DELETE FROM queue_entries WHERE ctid = ANY (ARRAY(
            SELECT place FROM (SELECT ctid AS place, sum(run_length) OVER (ORDER BY session_key, sequence) - run_length AS before FROM
                (SELECT ctid, session_key, sequence, run_length FROM queue_entries WHERE session_key = ANY ($1) ORDER BY session_key, sequence LIMIT $2) few) counted WHERE before < $2))
        RETURNING message_id, run_length::bigint
        """;

    private static readonly CompositeFormat RowsSql = CompositeFormat.Parse("""
        WITH gone AS (DELETE FROM {0} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {0} WHERE session_key = ANY ($1) LIMIT $2)) RETURNING 1)
        SELECT NULL::bigint, count(*) FROM gone
        """);

    private readonly ReferenceChanges changes = new(references);
    private string? inDoubt;
    private int done;

    /// <summary>One transaction.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool Run(PostgreSqlOwner owner)
    {
        if (!leftovers.Any) return false;
        long[] sessions = [.. leftovers.Next(Sessions)];
        changes.Clear();
        done = 0;
        done = Delete(owner, sessions) ? sessions.Length : 0;
        NpgsqlBatchCommand[] rest = done == 0 ? [] : [PostgreSqlWriter.WhereAny("DELETE FROM wills WHERE session_key", sessions), PostgreSqlWriter.WhereAny("DELETE FROM sessions WHERE key", sessions)];
        owner.Writer.Finish(changes, rest);
        Committed();
        return leftovers.Any;
    }

    /// <summary>Finds out whether the last transaction was committed, if nobody knows.</summary>
    public void Resolve(NpgsqlConnection connection)
    {
        if (inDoubt is null) return;
        using var look = new NpgsqlCommand("SELECT xmin::text FROM store_owner WHERE id = 1", connection);
        if (look.ExecuteScalar() is string last && last == inDoubt) Committed();
        inDoubt = null;
    }

    // True if nothing is left but what has one row a session.
    private bool Delete(PostgreSqlOwner owner, long[] sessions)
    {
        using var batch = owner.Connection.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(owner.Writer.Fence(null));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_current_xact_id()::xid::text"));
        batch.BatchCommands.Add(Chunk(EntriesSql, sessions));
        batch.BatchCommands.Add(Chunk(string.Format(null, RowsSql, "subscriptions"), sessions));
        batch.BatchCommands.Add(Chunk(string.Format(null, RowsSql, "inbound_identifiers"), sessions));
        using var reader = batch.ExecuteReader();
        reader.NextResult();
        reader.Read();
        inDoubt = reader.GetString(0);
        bool all = true;
        while (reader.NextResult()) all &= PostgreSqlWriter.ReadReferences(reader, changes) < Rows;
        return all;
    }

    private void Committed()
    {
        changes.Apply();
        leftovers.Remove(done);
        inDoubt = null;
    }

    private static NpgsqlBatchCommand Chunk(string sql, long[] sessions)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = sessions, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Rows });
        return command;
    }
}
