using Broker.Bench.Clients;

namespace Broker.Bench.Tls;

/// <summary>Clients that connect over TLS, and disconnect as soon as they are in.</summary>
internal sealed class TlsChurn : IDisposable
{
    private readonly TlsOptions options;
    private readonly string name = RunName.Next();
    private readonly Task[] running;
    private long connected;
    private volatile bool stopping;

    /// <summary>Begins.</summary>
    public TlsChurn(TlsOptions options)
    {
        this.options = options;
        running = [.. Enumerable.Range(0, options.Connecting).Select(i => Task.Factory.StartNew(() => Run($"{name}-{i}"), TaskCreationOptions.LongRunning))];
    }

    /// <summary>Counts those that came in, and ends it.</summary>
    public async Task<Rate> MeasureAsync(ProcessMeter process)
    {
        var found = await Rate.MeasureAsync(() => Volatile.Read(ref connected), running, options.Pairs.WarmUp, options.Pairs.Time, process);
        stopping = true;
        await Task.WhenAll(running);
        return found;
    }

    public void Dispose() => stopping = true;

    private void Run(string client)
    {
        while (!stopping)
        {
            using var connection = LoadConnection.Open(options.Pairs.Target, client);
            Interlocked.Increment(ref connected);
            connection.Disconnect();
        }
    }
}
