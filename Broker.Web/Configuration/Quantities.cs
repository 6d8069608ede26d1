using System.Globalization;

namespace Broker.Web.Configuration;

/// <summary>Reads numbers, sizes and times as people write them in a configuration.</summary>
internal static class Quantities
{
    private static readonly (string Unit, long Bytes)[] Sizes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ];

    private static readonly (string Unit, double Milliseconds)[] Times =
        [("ms", 1), ("s", 1_000), ("min", 60_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>A whole number; underscores between digits are allowed.</summary>
    public static bool TryWhole(string text, out long value) =>
        long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>A number of bytes: plain, or with a unit such as <c>64 KiB</c>.</summary>
    public static bool TryBytes(string text, out long value)
    {
        if (TryWhole(text, out value)) return true;
        foreach (var (unit, bytes) in Sizes)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            if (!TryWhole(text[..^unit.Length].TrimEnd(), out var count) || Math.Abs((double)count * bytes) > long.MaxValue / 2) return false;
            value = count * bytes;
            return true;
        }
        return false;
    }

    /// <summary>A time: seconds as a plain number, a number with a unit such as <c>500 ms</c>, <c>5 s</c>, <c>30 d</c>, or <c>[d.]hh:mm:ss</c>.</summary>
    /// <remarks>Not what <see cref="TimeSpan.Parse(string)"/> does with a plain number: it would take 5 for five days.</remarks>
    public static bool TryTime(string text, out TimeSpan value)
    {
        value = default;
        if (text.Contains(':', StringComparison.Ordinal)) return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
        var (unit, milliseconds) = Times.FirstOrDefault(time => text.EndsWith(time.Unit, StringComparison.OrdinalIgnoreCase), ("", 1_000));
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        if (!double.TryParse(text[..^unit.Length].TrimEnd(), style, CultureInfo.InvariantCulture, out var count)) return false;
        if (Math.Abs(count * milliseconds) > TimeSpan.MaxValue.TotalMilliseconds / 2) return false;
        value = TimeSpan.FromMilliseconds(count * milliseconds);
        return true;
    }

    /// <summary>The time as <see cref="TryTime"/> reads it, in the largest unit that fits.</summary>
    public static string Show(TimeSpan time)
    {
        if (time == TimeSpan.Zero) return "0";
        var (unit, milliseconds) = Times.Where(t => t.Unit != "m").Last(t => time.TotalMilliseconds % t.Milliseconds == 0);
        return (time.TotalMilliseconds / milliseconds).ToString(CultureInfo.InvariantCulture) + " " + unit;
    }
}
