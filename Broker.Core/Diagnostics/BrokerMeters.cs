using System.Diagnostics.Metrics;

namespace Broker.Core.Diagnostics;

/// <summary>
/// The broker's meters. Counters and gauges read figures that are counted anyway, when somebody collects them; the histograms get a value for a commit, or for a sampled
/// acknowledgement, never for each message. No figure bears the name of a client.
/// </summary>
public sealed class BrokerMeters : IDisposable
{
    /// <summary>The name under which exporters find the meters.</summary>
    public const string Name = "Broker";

    private const string Bytes = "By", Seconds = "s";

    private static readonly InstrumentAdvice<double> Latencies = new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] };

    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private readonly BrokerCounters counters;
    private readonly Func<BrokerStatistics> read;
    private readonly TimeProvider time;
    private BrokerStatistics? latest;
    private long readAt;

    internal BrokerMeters(BrokerCounters counters, Func<BrokerStatistics> read, TimeProvider time)
    {
        (this.counters, this.read, this.time) = (counters, read, time);
        CommitTime = Meter.CreateHistogram("mqtt_broker_store_commit", Seconds, "Time of one commit to the store.", null, Latencies);
        PubAckTime = Meter.CreateHistogram("mqtt_broker_puback", Seconds, "Time from a PUBLISH with QoS 1 that has to be stored to its PUBACK; sampled.", null, Latencies);
        Gauge("mqtt_broker_clients_connected", now => now.ClientsConnected, "Clients that are connected.");
        Gauge("mqtt_broker_sessions", now => now.Sessions, "Sessions, connected or not.");
        Gauge("mqtt_broker_subscriptions", now => now.Subscriptions, "Subscriptions in all sessions.");
        Gauge("mqtt_broker_retained_messages", now => now.RetainedMessages, "Retained messages.");
        Gauge("mqtt_broker_queued_messages", now => now.QueuedMessages, "Messages of QoS 1 and 2 that wait for sessions or are in flight.");
        Gauge("mqtt_broker_inflight_messages", now => now.InflightMessages, "Messages that were sent and are not acknowledged yet.");
        Meter.CreateObservableGauge("mqtt_broker_uptime", () => Now.Uptime.TotalSeconds, Seconds, "Time since the broker was started.");
        Counter("mqtt_broker_packets_received", now => now.PacketsReceived, "Control packets received.");
        Counter("mqtt_broker_packets_sent", now => now.PacketsSent, "Control packets sent.");
        Counter("mqtt_broker_publish_received", now => now.PublishReceived, "PUBLISH packets received.");
        Counter("mqtt_broker_publish_sent", now => now.PublishSent, "PUBLISH packets sent.");
        Counter("mqtt_broker_received", now => now.BytesReceived, "Bytes received.", Bytes);
        Counter("mqtt_broker_sent", now => now.BytesSent, "Bytes sent.", Bytes);
        Counter("mqtt_broker_sockets_opened", now => now.SocketsOpened, "Byte streams that listeners accepted.");
        Counter("mqtt_broker_connections_accepted", now => now.ConnectionsAccepted, "Connections that were let in.");
        Counter("mqtt_broker_take_overs", now => now.TakeOvers, "Connections that ended because another one took their session.");
        Counter("mqtt_broker_sessions_expired", now => now.SessionsExpired, "Sessions that ended by their expiry interval.");
        Counter("mqtt_broker_authentication_failures", now => now.AuthenticationFailures, "Connections refused for what they presented as identity.");
        Counter("mqtt_broker_access_denied", now => now.AccessDenied, "Publishes and subscriptions that an access rule refused.");
        Meter.CreateObservableCounter("mqtt_broker_publish_dropped", Drops, null, "Messages that were not delivered to some client, by reason.");
        Meter.CreateObservableCounter("mqtt_broker_disconnects", Ends, null, "Connections that ended, by who ended them and by reason.");
    }

    /// <summary>The meter, for exporters that tell brokers in one process apart.</summary>
    public Meter Meter { get; } = new(Name);

    internal Histogram<double> CommitTime { get; }

    internal Histogram<double> PubAckTime { get; }

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    // One collection asks for many figures: they are read once for all.
    private BrokerStatistics Now
    {
        get
        {
            if (latest is null || time.GetElapsedTime(readAt) >= Fresh) (latest, readAt) = (read(), time.GetTimestamp());
            return latest;
        }
    }

    private void Gauge(string name, Func<BrokerStatistics, long> value, string description) => Meter.CreateObservableGauge(name, () => value(Now), null, description);

    private void Counter(string name, Func<BrokerStatistics, long> value, string description, string? unit = null) => Meter.CreateObservableCounter(name, () => value(Now), unit, description);

    private IEnumerable<Measurement<long>> Drops() => Now.Dropped.Select(one => new Measurement<long>(one.Count, new KeyValuePair<string, object?>("reason", one.Reason)));

    private IEnumerable<Measurement<long>> Ends() => counters.Ends.Select(one => new Measurement<long>(
        one.Count, new KeyValuePair<string, object?>("by", one.By.ToString().ToLowerInvariant()), new KeyValuePair<string, object?>("reason", one.Reason.ToString())));
}
