namespace Broker.Core.Connections;

/// <summary>
/// Tells when a client has been silent for too long. It measures by the monotonic clock in milliseconds, is never early, and costs a packet nothing but
/// taking the time.
/// </summary>
internal sealed class ConnectionTimer : IDisposable
{
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly ClientConnection client;
    private long limit;
    private long touched;
    private volatile bool suspended;

    public ConnectionTimer(TimeProvider time, ClientConnection client)
    {
        (this.time, this.client) = (time, client);
        timer = time.CreateTimer(static state => ((ConnectionTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private long Now => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>How long the client has been silent.</summary>
    public TimeSpan Silence => TimeSpan.FromMilliseconds(Now - Volatile.Read(ref touched));

    /// <summary>From now on the client may be silent for so long; zero for ever.</summary>
    public void Start(TimeSpan silence)
    {
        Volatile.Write(ref limit, (long)silence.TotalMilliseconds);
        Touch();
        Arm(Volatile.Read(ref limit));
    }

    /// <summary>The client was heard.</summary>
    public void Touch() => Volatile.Write(ref touched, Now);

    /// <summary>The client is not being read, so its silence does not count.</summary>
    public void Suspend() => suspended = true;

    /// <summary>The client is being read again.</summary>
    public void Resume()
    {
        Touch();
        suspended = false;
    }

    public void Dispose() => timer.Dispose();

    private void Fire()
    {
        long allowed = Volatile.Read(ref limit);
        if (allowed == 0) return;
        long left = suspended ? allowed : Volatile.Read(ref touched) + allowed - Now;
        if (left <= 0) client.EndSilent();
        else Arm(left);
    }

    private void Arm(long milliseconds)
    {
        try
        {
            timer.Change(milliseconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The connection has just ended.
        }
    }
}
