using System.Globalization;
using Broker.Web.Persistence.Sqlite;

namespace Broker.Web.Persistence.History;

/// <summary>Fills the parameters of a prepared statement in their order, and runs it.</summary>
internal ref struct SqliteRow(RawStatement statement)
{
    private int last;

    public SqliteRow Add(params ReadOnlySpan<long?> numbers)
    {
        foreach (long? number in numbers) statement.Bind(++last, number);
        return this;
    }

    public SqliteRow Add(params ReadOnlySpan<string?> texts)
    {
        foreach (string? text in texts) statement.Bind(++last, text);
        return this;
    }

    public SqliteRow Add(params ReadOnlySpan<DateTime?> times)
    {
        foreach (var time in times) statement.BindTime(++last, time is { } utc ? (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond : null);
        return this;
    }

    // As a text, which the column's type makes a number again.
    public SqliteRow AddReal(double number)
    {
        statement.Bind(++last, number.ToString("R", CultureInfo.InvariantCulture));
        return this;
    }

    public readonly void Run() => statement.Run();
}
