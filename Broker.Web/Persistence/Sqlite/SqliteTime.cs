using System.Globalization;
using System.Text;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Times in SQLite, which has no type for them: texts in UTC as EF Core writes them, <c>2026-01-31 13:45:00.125</c>, which sort as the times do.</summary>
internal static class SqliteTime
{
    /// <summary>The length of what is written, in bytes.</summary>
    public const int Length = 23;

    private const string Format = "yyyy-MM-dd HH:mm:ss.fff";

    /// <summary>Writes a time in milliseconds since 1970.</summary>
    public static void Write(long milliseconds, Span<byte> text) =>
        DateTime.UnixEpoch.AddMilliseconds(milliseconds).TryFormat(text, out _, Format, CultureInfo.InvariantCulture);

    /// <summary>Reads a time in milliseconds since 1970.</summary>
    public static long Read(ReadOnlySpan<byte> text)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var time = DateTime.Parse(Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture, utc);
        return (long)(time - DateTime.UnixEpoch).TotalMilliseconds;
    }
}
