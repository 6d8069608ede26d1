using System.Globalization;
using System.Text;

namespace Broker.Web.Metrics;

/// <summary>How often values fell below each bound. Values come from any thread; each costs two additions.</summary>
internal sealed class HistogramBuckets(IReadOnlyList<double> bounds)
{
    private readonly Lock gate = new();
    private readonly long[] counts = new long[bounds.Count + 1];
    private double sum;

    /// <summary>A value.</summary>
    public void Add(double value)
    {
        int bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket]) bucket++;
        lock (gate)
        {
            counts[bucket]++;
            sum += value;
        }
    }

    /// <summary>Writes buckets, sum and count as Prometheus wants them: each bucket holds those below it.</summary>
    public void WriteTo(StringBuilder text, string name)
    {
        lock (gate)
        {
            long below = 0;
            for (int i = 0; i < counts.Length; i++)
            {
                below += counts[i];
                string bound = i < bounds.Count ? bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound}\"}} {below}\n");
            }
            text.Append(CultureInfo.InvariantCulture, $"{name}_sum {sum:R}\n{name}_count {below}\n");
        }
    }
}
