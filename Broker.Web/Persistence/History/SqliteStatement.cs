using Microsoft.Data.Sqlite;

namespace Broker.Web.Persistence.History;

/// <summary>A prepared statement with numbered parameters, <c>@0</c> and so on, that runs once for each row.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand command;

    public SqliteStatement(SqliteConnection connection, int parameters, Func<string, string> sql)
    {
        command = connection.CreateCommand();
        var names = Enumerable.Range(0, parameters).Select(index => $"@{index}").ToArray();
        command.CommandText = sql(string.Join(", ", names));
        foreach (string name in names) command.Parameters.Add(new SqliteParameter(name, DBNull.Value));
        command.Prepare();
    }

    public void Run(SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }

    public void Dispose() => command.Dispose();
}
