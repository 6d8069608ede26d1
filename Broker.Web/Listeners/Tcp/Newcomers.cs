using Broker.Core;

namespace Broker.Web.Listeners.Tcp;

/// <summary>
/// The connections that have said nothing yet. Those that go on so for the time that CONNECT may take are ended, and all when the host stops. All have the same time, so that
/// a queue with one timer serves: a timer for each would cost more than all else that a connection is greeted with.
/// </summary>
internal sealed class Newcomers : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly Queue<Newcomer> waiting = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly CancellationTokenRegistration stopping;
    private readonly TimeSpan patience;
    private bool stopped;

    public Newcomers(BrokerOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (this.time, patience) = (time, options.Limits.ConnectTimeout);
        timer = time.CreateTimer(_ => EndThose(after: patience), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        stopping = lifetime.ApplicationStopping.UnsafeRegister(_ => Stop(), null);
    }

    /// <summary>A connection came.</summary>
    /// <returns>To be disposed of once it has said something, or has gone.</returns>
    public Newcomer Add(TcpTransport transport)
    {
        var newcomer = new Newcomer(transport, time.GetTimestamp());
        lock (gate)
        {
            if (!stopped)
            {
                waiting.Enqueue(newcomer);
                if (waiting.Count == 1) timer.Change(patience, Timeout.InfiniteTimeSpan);
                return newcomer;
            }
        }
        transport.Abort();
        return newcomer;
    }

    public void Dispose()
    {
        stopping.Dispose();
        timer.Dispose();
    }

    private void Stop()
    {
        lock (gate) stopped = true;
        EndThose(after: TimeSpan.Zero);
    }

    private void EndThose(TimeSpan after)
    {
        var silent = new List<TcpTransport>();
        lock (gate)
        {
            TimeSpan waited = default;
            while (waiting.TryPeek(out var first) && (waited = time.GetElapsedTime(first.Since)) >= after)
            {
                waiting.Dequeue();
                if (first.Transport is { } transport) silent.Add(transport);
            }
            if (waiting.Count > 0) timer.Change(patience - waited > Pause ? patience - waited : Pause, Timeout.InfiniteTimeSpan);
        }
        silent.ForEach(transport => transport.Abort());
    }

    /// <summary>A connection that has said nothing; afterwards a small rest, which the queue keeps until its time is over.</summary>
    internal sealed class Newcomer(TcpTransport transport, long since) : IDisposable
    {
        /// <summary>The connection, as long as it has said nothing.</summary>
        public TcpTransport? Transport { get; private set => Volatile.Write(ref field, value); } = transport;

        /// <summary>When it came.</summary>
        public long Since => since;

        public void Dispose() => Transport = null;
    }
}
