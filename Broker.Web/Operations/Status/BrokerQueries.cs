using Broker.Core;
using Broker.Web.Configuration;

namespace Broker.Web.Operations.Status;

/// <summary>How the broker is, now.</summary>
internal sealed class BrokerQueries(MqttBroker broker, HostSettings settings, HistoryReader history)
{
    /// <summary>How it is.</summary>
    public BrokerView Status()
    {
        var (isReady, reason) = broker.Readiness;
        var statistics = broker.ReadStatistics();
        return new BrokerView
        {
            Version = MqttBroker.Version,
            IsReady = isReady,
            Reason = reason,
            StartedAt = (statistics.At - statistics.Uptime).UtcDateTime,
            Host = Environment.MachineName,
            ProcessId = Environment.ProcessId,
            StorageProvider = settings.Storage.Provider.ToString(),
            Storage = settings.Storage.ToString(),
            HasHistory = history.IsKept,
            CommitP99Milliseconds = statistics.CommitP99.TotalMilliseconds,
        };
    }

    /// <summary>Messages that were dropped since the start, by reason.</summary>
    public IReadOnlyList<DroppedView> Dropped() => [.. broker.ReadStatistics().Dropped.Select(one => new DroppedView(one.Reason, one.Count))];
}
