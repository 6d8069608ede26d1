using BenchmarkDotNet.Attributes;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Bench.Micro;

/// <summary>Queued messages on their way through the journal, up to a store that takes them at once and keeps nothing.</summary>
public class JournalBenchmarks
{
    private const int Units = 1_000;

    private readonly ApplicationMessage message =
        new(new Publication { Topic = "sensors/kitchen/temperature"u8, Payload = new byte[64], QoS = QualityOfService.AtLeastOnce, ExpiresAt = ApplicationMessage.Never });

    private Journal journal = null!;
    private long sequence;

    /// <summary>Starts it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        journal = new Journal(new ForgetfulStore(), 64 << 20, NullLogger<Journal>.Instance);
        journal.Start(0);
    }

    /// <summary>Ends it.</summary>
    [GlobalCleanup]
    public void Cleanup() => journal.Dispose();

    /// <summary>So many units of one message each, and the commit of the last; the figures are those of one unit.</summary>
    [Benchmark(OperationsPerInvoke = Units)]
    public void Append()
    {
        for (int i = 0; i < Units; i++) journal.Append(new EntryQueued(1, ++sequence, message, QualityOfService.AtLeastOnce, false, [], null));
        journal.FlushAsync().GetAwaiter().GetResult();
    }

    /// <summary>How many units are committed.</summary>
    internal long Committed => journal.CommittedUnits;
}
