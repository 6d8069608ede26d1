namespace Broker.Web.Components.Figures;

/// <summary>How far back charts look.</summary>
/// <param name="Name">As it stands in the URL: <c>6h</c>.</param>
/// <param name="Label">As it is shown.</param>
/// <param name="Span">How long it is.</param>
internal sealed record ChartRange(string Name, string Label, TimeSpan Span)
{
    /// <summary>All of them, the shortest first.</summary>
    public static IReadOnlyList<ChartRange> All { get; } =
    [
        new("5m", "5 min", TimeSpan.FromMinutes(5)),
        new("1h", "1 h", TimeSpan.FromHours(1)),
        new("6h", "6 h", TimeSpan.FromHours(6)),
        new("24h", "24 h", TimeSpan.FromHours(24)),
        new("7d", "7 d", TimeSpan.FromDays(7)),
        new("30d", "30 d", TimeSpan.FromDays(30)),
    ];

    /// <summary>The one that a URL names, or another.</summary>
    public static ChartRange Of(string? name, string otherwise) => All.FirstOrDefault(range => range.Name == name) ?? All.First(range => range.Name == otherwise);
}
