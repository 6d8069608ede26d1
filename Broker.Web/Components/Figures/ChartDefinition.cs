namespace Broker.Web.Components.Figures;

/// <summary>One chart of a board.</summary>
/// <param name="Title">What it shows, with the unit.</param>
/// <param name="Series">Its lines.</param>
public sealed record ChartDefinition(string Title, IReadOnlyList<ChartSeries> Series);

/// <summary>One line of a chart.</summary>
/// <param name="Name">What it is, in a word or two.</param>
public sealed record ChartSeries(string Name)
{
    /// <summary>What stands behind its value.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Whether it has the axis at the right, for another unit.</summary>
    public bool Right { get; init; }

    /// <summary>Whether the area below is tinted.</summary>
    public bool Fill { get; init; }
}

/// <summary>What a board of charts shows: columns of equal length, the times first, then one for each series of each chart.</summary>
/// <param name="Span">How long the axis of time is.</param>
/// <param name="Columns">Times in seconds since 1970, then values; null where nothing is known.</param>
public sealed record ChartData(TimeSpan Span, IReadOnlyList<IReadOnlyList<double?>> Columns)
{
    /// <summary>Makes columns of rows.</summary>
    public static ChartData FromRows(TimeSpan span, int width, IReadOnlyCollection<double?[]> rows) =>
        new(span, [.. Enumerable.Range(0, width).Select(column => rows.Select(row => row[column]).ToList())]);
}
