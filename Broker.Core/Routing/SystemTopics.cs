using System.Globalization;
using System.Text;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Topics;

namespace Broker.Core.Routing;

/// <summary>
/// What the broker tells of itself below <c>$SYS/broker</c>, under the names that Mosquitto uses. The values are retained-like: the current one is
/// delivered at once on subscribe; they are never stored.
/// </summary>
public sealed class SystemTopics : IDisposable
{
    private static readonly (string Name, int Minutes)[] Windows = [("1min", 1), ("5min", 5), ("15min", 15)];

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly RetainedMessages values = new(int.MaxValue);
    private readonly Dictionary<string, double> averages = [];
    private readonly Func<BrokerStatistics> read;
    private readonly MessageRouter router;
    private readonly MatchCache cache;
    private readonly TimeProvider time;
    private readonly ITimer? timer;
    private readonly string version;
    private BrokerStatistics? previous;
    private long refreshed;

    /// <summary>Begins to publish.</summary>
    /// <param name="interval">The time between two publications; zero for none.</param>
    /// <param name="version">The broker's name and version.</param>
    /// <param name="read">Reads the current statistics.</param>
    /// <param name="router">Brings them to subscribers.</param>
    /// <param name="time">The time.</param>
    public SystemTopics(TimeSpan interval, string version, Func<BrokerStatistics> read, MessageRouter router, TimeProvider time)
    {
        this.version = version;
        this.read = read;
        this.router = router;
        this.time = time;
        cache = router.CreateCache();
        if (interval > TimeSpan.Zero) timer = time.CreateTimer(_ => Publish(), null, interval, interval);
    }

    /// <summary>Whether a filter can match topics here.</summary>
    public static bool Concerns(TopicFilter filter) => filter.Filter == "$SYS" || filter.Filter.StartsWith("$SYS/", StringComparison.Ordinal);

    /// <summary>The current values that match a filter.</summary>
    internal List<(RetainedTopic Topic, ApplicationMessage Message)> Match(TopicFilter filter)
    {
        if (timer is null) return [];
        lock (gate)
        {
            if (time.GetElapsedTime(refreshed) >= Fresh || values.Count == 0) Set(read(), changed: null);
        }
        return values.Match(filter);
    }

    /// <summary>Every current value that is a number, under its whole topic name.</summary>
    public IReadOnlyList<(string Topic, double Value)> Figures()
    {
        var figures = new List<(string, double)>();
        lock (gate)
        {
            foreach (var (name, value) in Values(read()))
            {
                int unit = value.IndexOf(' ', StringComparison.Ordinal);
                if (double.TryParse(unit < 0 ? value : value.AsSpan(0, unit), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
                    figures.Add(("$SYS/broker/" + name, number));
            }
        }
        return figures;
    }

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose();

    private void Publish()
    {
        var changed = new List<ApplicationMessage>();
        var delivery = Delivery.Rent(time);
        lock (gate)
        {
            var now = read();
            Average(now);
            Set(now, changed);
            foreach (var message in changed) router.Route(message.AsPublication(), cache, delivery);
        }
        delivery.Return();
    }

    private void Set(BrokerStatistics now, List<ApplicationMessage>? changed)
    {
        refreshed = time.GetTimestamp();
        foreach (var (name, value) in Values(now))
        {
            byte[] topic = Encoding.UTF8.GetBytes("$SYS/broker/" + name), payload = Encoding.UTF8.GetBytes(value);
            if (values.Get(topic) is { } old && old.Payload.SequenceEqual(payload))
            {
                changed?.Add(old);
                continue;
            }
            var message = new ApplicationMessage(new Publication { Topic = topic, Payload = payload, ExpiresAt = ApplicationMessage.Never });
            values.Set(message);
            changed?.Add(message);
        }
    }

    // Exponential moving averages of what happened a minute, as load averages are.
    private void Average(BrokerStatistics now)
    {
        if (previous is { } before && now.Uptime > before.Uptime)
        {
            double minutes = (now.Uptime - before.Uptime).TotalMinutes;
            foreach (var (name, count) in Loads)
            {
                double rate = (count(now) - count(before)) / minutes;
                foreach (var (window, length) in Windows)
                {
                    string key = $"load/{name}/{window}";
                    double average = averages.GetValueOrDefault(key);
                    averages[key] = rate + Math.Exp(-minutes / length) * (average - rate);
                }
            }
        }
        previous = now;
    }

    private static readonly (string Name, Func<BrokerStatistics, long> Count)[] Loads =
    [
        ("messages/received", now => now.PacketsReceived),
        ("messages/sent", now => now.PacketsSent),
        ("publish/received", now => now.PublishReceived),
        ("publish/sent", now => now.PublishSent),
        ("publish/dropped", now => now.PublishDropped),
        ("bytes/received", now => now.BytesReceived),
        ("bytes/sent", now => now.BytesSent),
        ("sockets", now => now.SocketsOpened),
        ("connections", now => now.ConnectionsAccepted),
    ];

    private IEnumerable<(string Name, string Value)> Values(BrokerStatistics now)
    {
        yield return ("version", version);
        yield return ("uptime", Text((long)now.Uptime.TotalSeconds) + " seconds");
        yield return ("clients/connected", Text(now.ClientsConnected));
        yield return ("clients/active", Text(now.ClientsConnected));
        yield return ("clients/disconnected", Text(now.Sessions - now.ClientsConnected));
        yield return ("clients/inactive", Text(now.Sessions - now.ClientsConnected));
        yield return ("clients/total", Text(now.Sessions));
        yield return ("clients/maximum", Text(now.ClientsMaximum));
        yield return ("clients/expired", Text(now.SessionsExpired));
        yield return ("sessions/total", Text(now.Sessions));
        yield return ("messages/received", Text(now.PacketsReceived));
        yield return ("messages/sent", Text(now.PacketsSent));
        yield return ("messages/stored", Text(now.RetainedMessages + now.QueuedMessages));
        yield return ("store/messages/count", Text(now.RetainedMessages + now.QueuedMessages));
        yield return ("retained messages/count", Text(now.RetainedMessages));
        yield return ("queue/messages", Text(now.QueuedMessages));
        yield return ("inflight/count", Text(now.InflightMessages));
        yield return ("subscriptions/count", Text(now.Subscriptions));
        yield return ("publish/messages/received", Text(now.PublishReceived));
        yield return ("publish/messages/sent", Text(now.PublishSent));
        yield return ("publish/messages/dropped", Text(now.PublishDropped));
        foreach (var (reason, count) in now.Dropped) yield return ($"publish/messages/dropped/{reason}", Text(count));
        yield return ("publish/bytes/received", Text(now.PublishBytesReceived));
        yield return ("publish/bytes/sent", Text(now.PublishBytesSent));
        yield return ("bytes/received", Text(now.BytesReceived));
        yield return ("bytes/sent", Text(now.BytesSent));
        yield return ("takeovers/count", Text(now.TakeOvers));
        yield return ("store/commit/p99ms", now.CommitP99.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture));
        yield return ("auth/failures", Text(now.AuthenticationFailures));
        yield return ("acl/denied", Text(now.AccessDenied));
        foreach (var (name, _) in Loads)
        {
            foreach (var (window, _) in Windows)
            {
                string key = $"load/{name}/{window}";
                yield return (key, averages.GetValueOrDefault(key).ToString("0.00", CultureInfo.InvariantCulture));
            }
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
