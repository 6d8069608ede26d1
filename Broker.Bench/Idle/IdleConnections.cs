using System.Net.Sockets;
using Broker.Bench.Clients;

namespace Broker.Bench.Idle;

/// <summary>Many idle connections, opened some at a time.</summary>
internal sealed class IdleConnections : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);

    private readonly IdleOptions options;
    private readonly List<IdleConnection> connections;
    private int retries;

    /// <summary>Makes them; they are not open yet.</summary>
    public IdleConnections(IdleOptions options)
    {
        this.options = options;
        string name = RunName.Next();
        connections = [.. Enumerable.Range(0, options.Connections).Select(i => new IdleConnection(options, $"{name}-{i}", i))];
    }

    /// <summary>How often one had to be opened again, because the broker refused or closed it.</summary>
    public int Retries => retries;

    /// <summary>Sessions that the broker still had when they were opened last.</summary>
    public int Present => connections.Count(connection => connection.WasPresent);

    /// <summary>Opens all. The first failure ends it.</summary>
    public Task OpenAsync(CancellationToken cancellation) => ForEachAsync((connection, cancel) => connection.OpenAsync(cancel), cancellation);

    /// <summary>Opens all again and again until they are, as devices do.</summary>
    public Task ReopenAsync(CancellationToken cancellation) => ForEachAsync(ReopenAsync, cancellation);

    /// <summary>Watches each of them; its task ends when the broker has closed it.</summary>
    public Task[] Watch(CancellationToken cancellation) => [.. connections.Select(connection => connection.LostAsync(cancellation))];

    /// <summary>Closes all, with DISCONNECT.</summary>
    public void Leave() => connections.ForEach(connection => connection.Leave());

    public void Dispose() => connections.ForEach(connection => connection.Dispose());

    private async Task ReopenAsync(IdleConnection connection, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await connection.OpenAsync(cancellation);
                return;
            }
            catch (Exception e) when (e is SocketException or IOException or InvalidDataException)
            {
                Interlocked.Increment(ref retries);
                await Task.Delay(Again, cancellation);
            }
        }
    }

    private Task ForEachAsync(Func<IdleConnection, CancellationToken, Task> work, CancellationToken cancellation) =>
        Parallel.ForEachAsync(
            connections,
            new ParallelOptions { MaxDegreeOfParallelism = options.Opening, CancellationToken = cancellation },
            async (connection, cancel) => await work(connection, cancel));
}
