using Broker.Web.Components.Texts;
using Broker.Web.Operations.Status;

namespace Broker.Web.Components.Figures;

/// <summary>Stored figures as charts show them: joined by time, counters as what came per second.</summary>
internal static class FigureHistory
{
    /// <summary>Joins series into rows; where one has no value at a time, or a counter began anew, there is none.</summary>
    public static ChartData Of(TimeSpan span, StatisticsHistory history)
    {
        var rows = new SortedDictionary<DateTime, double?[]>();
        for (int column = 0; column < history.Series.Count; column++)
        {
            foreach (var (at, value) in Values(history.Series[column]))
            {
                if (!rows.TryGetValue(at, out var row))
                {
                    row = new double?[1 + history.Series.Count];
                    row[0] = Seconds(at);
                    rows[at] = row;
                }

                row[1 + column] = value;
            }
        }

        return ChartData.FromRows(span, 1 + history.Series.Count, rows.Values);
    }

    private static IEnumerable<(DateTime At, double? Value)> Values(StatisticSeries series)
    {
        if (!SystemTopicWords.IsCounter(series.Name))
        {
            foreach (var point in series.Points)
            {
                yield return (point.At, point.Value);
            }

            yield break;
        }

        for (int at = 1; at < series.Points.Count; at++)
        {
            var (before, now) = (series.Points[at - 1], series.Points[at]);
            double seconds = (now.At - before.At).TotalSeconds;
            yield return (now.At, now.Value < before.Value || seconds <= 0 ? null : (now.Value - before.Value) / seconds);
        }
    }

    private static double Seconds(DateTime at) => new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)).ToUnixTimeMilliseconds() / 1000.0;
}
