using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.PostgreSql.Rows;

/// <summary>
/// Many rows as one parameter a column: a statement over them is planned once, sent once and run once however many there are. The arrays are unnested in the
/// list of columns and not in FROM, where PostgreSQL would first gather all rows: measured, that took half as long again.
/// </summary>
internal sealed class RowArrays<TRow>(IReadOnlyCollection<TRow> rows)
{
    private readonly List<string> names = [];
    private readonly List<NpgsqlParameter> parameters = [];

    /// <summary>The names of the columns, with commas between.</summary>
    public string Columns => string.Join(", ", names);

    /// <summary>The rows for a FROM clause, under the name <c>r</c>.</summary>
    public string Rows
    {
        get
        {
            var text = new StringBuilder("(SELECT ");
            for (int i = 0; i < names.Count; i++) text.Append(i == 0 ? "" : ", ").Append("unnest($").Append(i + 1).Append(") AS ").Append(names[i]);
            return text.Append(") AS r").ToString();
        }
    }

    /// <summary>A column.</summary>
    public RowArrays<TRow> With<T>(string name, NpgsqlDbType type, Func<TRow, T> value)
    {
        Add(name, type, ValuesOf(value));
        return this;
    }

    /// <summary>A column that is left out, so that it becomes null, if no row has a value for it.</summary>
    public RowArrays<TRow> WithAny<T>(string name, NpgsqlDbType type, Func<TRow, T> value)
    {
        var values = ValuesOf(value);
        if (Array.Exists(values, static one => one is not null)) Add(name, type, values);
        return this;
    }

    /// <summary>A statement over the rows.</summary>
    public NpgsqlBatchCommand Command(string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    /// <summary>Inserts the rows as they are.</summary>
    /// <param name="table">Where to.</param>
    /// <param name="conflict">What to do where the key is there already; without it that is an error.</param>
    public NpgsqlBatchCommand Insert(string table, string conflict = "") => Command($"INSERT INTO {table} ({Columns}) SELECT {Columns} FROM {Rows} {conflict}");

    private T[] ValuesOf<T>(Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        int next = 0;
        foreach (var row in rows) values[next++] = value(row);
        return values;
    }

    private void Add<T>(string name, NpgsqlDbType type, T[] values)
    {
        names.Add(name);
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
