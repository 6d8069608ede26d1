using BenchmarkDotNet.Attributes;
using Broker.Core.Protocol;
using Broker.Core.Routing;
using Broker.Core.Sessions;

namespace Broker.Bench.Micro;

/// <summary>A message of QoS 1 enters a session's queue, is sent, and acknowledged by its client.</summary>
public class SessionBenchmarks
{
    private const int Window = 16;

    private readonly byte[] payload = new byte[64];
    private BareSessions sessions = null!;
    private MatchCache cache = null!;
    private Session session = null!;
    private long sequence;

    /// <summary>Whether the session outlives its connection, so that the message joins the journal too; its store keeps nothing.</summary>
    [Params(false, true)]
    public bool Persistent { get; set; }

    /// <summary>Opens the session.</summary>
    [GlobalSetup]
    public void Setup()
    {
        sessions = new BareSessions(TimeProvider.System, new ForgetfulStore());
        cache = sessions.Router.CreateCache();
        session = sessions.OpenSinkAsync("subscriber", ProtocolVersion.V311, expiry: Persistent ? 3600u : 0).GetAwaiter().GetResult();
        sessions.Subscribe(session, "jobs/+", QualityOfService.AtLeastOnce);
        sequence = 0;
    }

    /// <summary>Lets go of it.</summary>
    [GlobalCleanup]
    public void Cleanup() => sessions.Dispose();

    /// <summary>So many messages, and then their acknowledgements; the figures are those of one message.</summary>
    [Benchmark(OperationsPerInvoke = Window)]
    public void EnqueueAndAcknowledge()
    {
        var delivery = Delivery.Rent(sessions.Time);
        for (int i = 0; i < Window; i++)
        {
            var message = new Publication
            {
                Topic = "jobs/1"u8,
                Payload = payload,
                QoS = QualityOfService.AtLeastOnce,
                ExpiresAt = ApplicationMessage.Never,
                Publisher = "publisher",
            };
            sessions.Router.Route(message, cache, delivery);
            if (delivery.TakeUnit() is { } unit) sessions.Journal.Append(unit);
        }
        for (int i = 0; i < Window; i++) session.Acknowledge((ushort)(1 + sequence++ % ushort.MaxValue), delivery);
        delivery.Return();
    }

    /// <summary>How many messages wait or are not acknowledged.</summary>
    internal long Queued => session.State.Queued;
}
