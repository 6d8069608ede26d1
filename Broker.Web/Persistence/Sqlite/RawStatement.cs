using System.Text;
using SQLitePCL;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>A prepared statement. Parameters are counted from 1 and keep their values, columns are counted from 0.</summary>
internal sealed class RawStatement(RawConnection connection, sqlite3_stmt handle) : IDisposable
{
    private readonly Bound[] bound = new Bound[raw.sqlite3_bind_parameter_count(handle) + 1];

    // A value that stands there already is not bound again: rows that follow each other share most of them.
    public void Bind(int parameter, long value)
    {
        if (bound[parameter] == new Bound(BoundKind.Number, value)) return;
        connection.Check(raw.sqlite3_bind_int64(handle, parameter, value));
        bound[parameter] = new(BoundKind.Number, value);
    }

    public void Bind(int parameter, bool value) => Bind(parameter, value ? 1 : 0);

    public void Bind(int parameter, long? value)
    {
        if (value is null) BindNull(parameter);
        else Bind(parameter, value.Value);
    }

    /// <summary>A text; null for none.</summary>
    public void Bind(int parameter, string? value)
    {
        if (value is null) BindNull(parameter);
        else Check(parameter, raw.sqlite3_bind_text(handle, parameter, value));
    }

    /// <summary>A text in UTF-8 that is not empty.</summary>
    public void BindText(int parameter, ReadOnlySpan<byte> utf8) => Check(parameter, raw.sqlite3_bind_text(handle, parameter, utf8));

    /// <summary>Bytes, which may be empty: an empty span would be taken for null.</summary>
    public void BindBytes(int parameter, ReadOnlySpan<byte> bytes) =>
        Check(parameter, bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, parameter, 0) : raw.sqlite3_bind_blob(handle, parameter, bytes));

    /// <summary>Bytes, or null if there are none.</summary>
    public void BindBytesOrNull(int parameter, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) BindNull(parameter);
        else Check(parameter, raw.sqlite3_bind_blob(handle, parameter, bytes));
    }

    /// <summary>A time in milliseconds since 1970; null, and one that never comes, for none.</summary>
    public void BindTime(int parameter, long? milliseconds)
    {
        if (milliseconds is null or long.MaxValue)
        {
            BindNull(parameter);
            return;
        }
        Span<byte> text = stackalloc byte[SqliteTime.Length];
        SqliteTime.Write(milliseconds.Value, text);
        BindText(parameter, text);
    }

    public void BindNull(int parameter)
    {
        if (bound[parameter].Kind == BoundKind.Null) return;
        connection.Check(raw.sqlite3_bind_null(handle, parameter));
        bound[parameter] = default;
    }

    /// <summary>Goes to the next row; at the end, or on failure, the statement is ready to be used again.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Step()
    {
        int result = raw.sqlite3_step(handle);
        if (result == raw.SQLITE_ROW) return true;
        Reset();
        if (result != raw.SQLITE_DONE) connection.Fail(result);
        return false;
    }

    /// <summary>Runs it to its end.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Ends it before its last row.</summary>
    public void Reset() => raw.sqlite3_reset(handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    public int Int(int column) => raw.sqlite3_column_int(handle, column);

    /// <summary>Bytes, or a text in UTF-8, until the next step; empty for null.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(Bytes(column));

    /// <summary>A time in milliseconds since 1970, or null.</summary>
    public long? Time(int column) => Bytes(column) is { IsEmpty: false } text ? SqliteTime.Read(text) : null;

    public void Dispose() => handle.Dispose();

    private void Check(int parameter, int result)
    {
        bound[parameter] = new(BoundKind.Bytes, 0);
        connection.Check(result);
    }

    private enum BoundKind : byte
    {
        Null,
        Number,
        Bytes,
    }

    private readonly record struct Bound(BoundKind Kind, long Value);
}
