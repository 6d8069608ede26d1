namespace Broker.Web.Components.Texts;

/// <summary>Moments and durations in words. All times on the pages are UTC.</summary>
internal static class Times
{
    /// <summary>A moment to the second, <c>2026-01-31 12:00:00</c>.</summary>
    public static string Of(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm:ss", null);

    /// <summary>The same; a dash for none.</summary>
    public static string Of(DateTime? utc) => utc is { } at ? Of(at) : "–";

    /// <summary>A moment for machines.</summary>
    public static string Machine(DateTime utc) => DateTime.SpecifyKind(utc, DateTimeKind.Utc).ToString("O", null);

    /// <summary>How long, in the two largest units: <c>3 d 4 h</c>, <c>5 min 2 s</c>, <c>12 s</c>.</summary>
    public static string Length(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{(int)time.TotalDays:N0} d {time.Hours} h",
        { TotalHours: >= 1 } => $"{time.Hours} h {time.Minutes} min",
        { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{Math.Max(0, time.Seconds)} s",
    };

    /// <summary>Seconds as they stand in packets; 4,294,967,295 is for ever.</summary>
    public static string Seconds(long seconds) => seconds >= uint.MaxValue ? "never" : Length(TimeSpan.FromSeconds(seconds));
}
