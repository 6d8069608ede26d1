using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>A process of the server's, which serves one connection. Its start tells it from a later one that got the same number.</summary>
internal readonly record struct BackendProcess(int Id, DateTime StartedAt)
{
    /// <summary>The process behind a connection.</summary>
    public static async Task<BackendProcess> OfAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()", connection);
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await row.ReadAsync(cancellation).ConfigureAwait(false) ? new(row.GetInt32(0), row.GetDateTime(1)) : default;
    }

    /// <summary>Asks the server to end it, if it is still there. One role may end its own processes.</summary>
    public async Task EndAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Id });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = StartedAt });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
