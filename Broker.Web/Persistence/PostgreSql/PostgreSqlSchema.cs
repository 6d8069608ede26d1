using Broker.Core.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Brings the schema up to date, for the owner alone.</summary>
internal static class PostgreSqlSchema
{
    /// <summary>Does what is missing, in transactions, and nothing if a newer version of the broker was here.</summary>
    public static async Task BringUpToDateAsync(PostgreSqlServer server, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = await AppliedAsync(connection, cancellation).ConfigureAwait(false);
        var unknown = Schema.Unknown<PostgreSqlBrokerDbContext>(applied);
        if (unknown.Count > 0)
            throw server.Refuse($"was written by a newer version of the broker (schema {unknown[^1]})", "Run that version, or name another database in ConnectionStrings:Broker");
        if (applied.Count == Schema.Migrations<PostgreSqlBrokerDbContext>().Count) return;
        Failpoints.Reached(Failpoint.Migration);
        await using var context = new PostgreSqlBrokerDbContext(
            new DbContextOptionsBuilder<PostgreSqlBrokerDbContext>().UseNpgsql(connection, postgres => postgres.CommandTimeout(0)).Options);
        await context.Database.MigrateAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Who the last owner was, in words that can follow a name; empty if nobody knows.</summary>
    public static async Task<string> OwnerAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (await connection.ScalarAsync<bool>("SELECT to_regclass('store_owner') IS NULL", cancellation).ConfigureAwait(false)) return "";
        return await connection.ScalarAsync<string>(
            "SELECT coalesce((SELECT format(' (process %s on %s)', process_id, host) FROM store_owner WHERE id = 1 AND epoch > 0), '')", cancellation).ConfigureAwait(false);
    }

    private static async Task<List<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = new List<string>();
        if (await connection.ScalarAsync<bool>($"SELECT to_regclass('\"{Schema.HistoryTable}\"') IS NULL", cancellation).ConfigureAwait(false)) return applied;
        await using var command = new NpgsqlCommand($"SELECT \"MigrationId\" FROM \"{Schema.HistoryTable}\"", connection);
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await row.ReadAsync(cancellation).ConfigureAwait(false)) applied.Add(row.GetString(0));
        return applied;
    }
}
