using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.History;

/// <summary>Rows that travel to PostgreSQL as one array a column, and are rows again there: as many as there are cost one statement.</summary>
internal sealed class UnnestedRows<TRow>(IReadOnlyList<TRow> rows)
{
    private readonly NpgsqlBatchCommand command = new();

    /// <summary>Adds columns of one type; they are named <c>c1</c>, <c>c2</c> and so on.</summary>
    public UnnestedRows<TRow> Add<TValue>(NpgsqlDbType type, params ReadOnlySpan<Func<TRow, TValue>> columns)
    {
        foreach (var column in columns)
        {
            var values = new TValue[rows.Count];
            for (int i = 0; i < values.Length; i++) values[i] = column(rows[i]);
            command.Parameters.Add(new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        }
        return this;
    }

    /// <summary>Adds a statement to a batch, unless there are no rows.</summary>
    public void AddTo(NpgsqlBatch batch, Func<string, string> sql)
    {
        if (rows.Count == 0) return;
        var numbers = Enumerable.Range(1, command.Parameters.Count).ToArray();
        command.CommandText = sql($"unnest({string.Join(", ", numbers.Select(number => $"${number}"))}) AS v({string.Join(", ", numbers.Select(number => $"c{number}"))})");
        batch.BatchCommands.Add(command);
    }
}
