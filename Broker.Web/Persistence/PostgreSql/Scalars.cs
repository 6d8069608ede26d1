using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Questions with one answer.</summary>
internal static class Scalars
{
    public static async Task<T> ScalarAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }
}
