using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>What each connection asks of the server for itself.</summary>
internal static class Session
{
    /// <summary>
    /// The server notices within seconds that the machine or the process behind the connection is gone, and ends it: with it ends the lock of the owner, and a
    /// standby takes over.
    /// </summary>
    public static readonly (string Name, string Value)[] Always =
    [
        ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3"), ("tcp_user_timeout", "11000"),
        ("client_connection_check_interval", "2000"),
    ];

    /// <summary>
    /// Of a connection that is read from. It looks up keys: statistics that are out of date must not talk the planner into reading whole tables, nor into compiling what
    /// takes a millisecond.
    /// </summary>
    public static (string Name, string Value)[] Reading(TimeSpan patience) =>
    [
        .. Always, ("statement_timeout", Milliseconds(patience)), ("lock_timeout", Milliseconds(patience / 2)), ("enable_seqscan", "off"), ("enable_bitmapscan", "off"), ("jit", "off"),
    ];

    /// <summary>Of the connection that writes: as for reading, and a transaction that is not ended does not stay; plans are made once.</summary>
    public static (string Name, string Value)[] Writing(TimeSpan patience) =>
    [
        ("statement_timeout", Milliseconds(patience)), ("lock_timeout", Milliseconds(patience / 2)), ("idle_in_transaction_session_timeout", Milliseconds(patience * 2)),
        ("work_mem", "4096"), ("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"), ("enable_bitmapscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off"),
    ];

    /// <summary>Of a connection that reads everything.</summary>
    public static readonly (string Name, string Value)[] Recovering = [("statement_timeout", "0"), ("work_mem", "131072")];

    public static async Task ApplyAsync(NpgsqlConnection connection, (string Name, string Value)[] settings, CancellationToken cancellation)
    {
        await using var command = CommandOf(connection, settings);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Those of the server's settings that are off, and without which a commit is no promise.</summary>
    public static async IAsyncEnumerable<string> SwitchedOffAsync(NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const string sql = "SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off' ORDER BY name";
        await using var command = new NpgsqlCommand(sql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await row.ReadAsync(cancellation).ConfigureAwait(false)) yield return row.GetString(0);
    }

    public static void Apply(NpgsqlConnection connection, (string Name, string Value)[] settings)
    {
        using var command = CommandOf(connection, settings);
        command.ExecuteNonQuery();
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

    // Servers elsewhere than on Linux refuse some of it.
    private static NpgsqlCommand CommandOf(NpgsqlConnection connection, (string Name, string Value)[] settings)
    {
        var command = new NpgsqlCommand("SELECT set_config(name, value, false) FROM unnest($1, $2) AS r (name, value) WHERE name NOT LIKE 'client%' OR version() LIKE '%linux%'", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. settings.Select(setting => setting.Name)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. settings.Select(setting => setting.Value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return command;
    }
}
