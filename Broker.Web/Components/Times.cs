namespace Broker.Web.Components;

/// <summary>Times as tables show them.</summary>
internal static class Times
{
    /// <summary>A time in UTC, to the second; a dash for none.</summary>
    public static string Show(DateTime? time) => time is { } at ? at.ToString("yyyy-MM-dd HH:mm:ss", null) : "–";
}
