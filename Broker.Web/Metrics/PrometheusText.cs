using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Broker.Core;

namespace Broker.Web.Metrics;

/// <summary>
/// The broker's meters in the text format of Prometheus. It listens to this broker's meter alone, from the start of the host on, so that histograms hold everything since then;
/// figures are read when somebody asks.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    /// <summary>The media type of the format.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private readonly SortedDictionary<string, Instrument> instruments = new(StringComparer.Ordinal);
    private readonly Dictionary<Instrument, HistogramBuckets> histograms = [];
    private readonly Dictionary<Instrument, List<string>> samples = [];

    /// <summary>Begins to listen.</summary>
    public PrometheusText(MqttBroker broker)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter != broker.Meters.Meter) return;
            instruments.Add(NameOf(instrument), instrument);
            if (instrument is Histogram<double> histogram) histograms.Add(instrument, new HistogramBuckets(histogram.Advice!.HistogramBucketBoundaries!));
            listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value.ToString(CultureInfo.InvariantCulture), tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            if (histograms.TryGetValue(instrument, out var buckets)) buckets.Add(value);
            else Add(instrument, value.ToString("R", CultureInfo.InvariantCulture), tags);
        });
        listener.Start();
    }

    /// <summary>All figures at this moment.</summary>
    public string Collect()
    {
        var text = new StringBuilder();
        lock (gate)
        {
            samples.Clear();
            listener.RecordObservableInstruments();
            foreach (var (name, instrument) in instruments)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {TypeOf(instrument)}\n");
                if (histograms.TryGetValue(instrument, out var buckets)) buckets.WriteTo(text, name);
                foreach (string sample in samples.GetValueOrDefault(instrument) ?? []) text.Append(name).Append(sample).Append('\n');
            }
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>(tags.Length);
        foreach (var (name, label) in tags) labels.Add($"{name}=\"{label}\"");
        if (!samples.TryGetValue(instrument, out var list)) samples.Add(instrument, list = []);
        list.Add($"{(labels.Count == 0 ? "" : $"{{{string.Join(',', labels)}}}")} {value}");
    }

    private static bool IsCounter(Instrument instrument) => instrument is ObservableCounter<long>;

    private static string TypeOf(Instrument instrument) => instrument is Histogram<double> ? "histogram" : IsCounter(instrument) ? "counter" : "gauge";

    private static string NameOf(Instrument instrument)
    {
        string unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return $"{instrument.Name}{unit}{(IsCounter(instrument) ? "_total" : "")}";
    }
}
