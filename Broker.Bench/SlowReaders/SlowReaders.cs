using System.Diagnostics;
using Broker.Bench.Clients;
using Broker.Core.Protocol;

namespace Broker.Bench.SlowReaders;

/// <summary>Subscribers of one topic that read nothing after SUBACK, and who publishes to it all the time.</summary>
internal sealed class SlowReaders : IDisposable
{
    private const int FillSize = 16 * 1024, KernelBytes = 4096;

    private readonly SlowReaderOptions options;
    private readonly string name;
    private readonly List<LoadConnection> readers = [];
    private readonly LoadConnection filler, feeder;
    private readonly Thread feeding;
    private volatile bool stopping;

    /// <summary>Begins to publish; nobody has subscribed yet.</summary>
    public SlowReaders(SlowReaderOptions options, string name)
    {
        this.options = options;
        this.name = name;
        filler = LoadConnection.Open(options.Pairs.Target, $"{name}-filler");
        feeder = LoadConnection.Open(options.Pairs.Target, $"{name}-feeder");
        feeding = new Thread(Feed) { IsBackground = true, Name = "feeder" };
        feeding.Start();
    }

    private string Topic => $"{name}/slow";

    /// <summary>They subscribe, and get more than is kept for them. It comes back when the broker has done that.</summary>
    public void Join()
    {
        for (int i = 0; i < options.Slow; i++)
        {
            readers.Add(LoadConnection.Open(options.Pairs.Target, $"{name}-slow-{i}", kernelBytes: KernelBytes));
            readers[^1].Subscribe(QualityOfService.AtMostOnce, Topic);
        }
        var piece = new EncodedPublish(options.Pairs.Target.Version, Topic, FillSize, QualityOfService.AtLeastOnce);
        filler.PublishAll(Enumerable.Repeat(piece, Math.Max(1, options.Fill * 1024 / FillSize)), inflight: 1);
    }

    /// <summary>Ends publishing.</summary>
    public void Stop()
    {
        stopping = true;
        feeding.Join();
    }

    public void Dispose()
    {
        Stop();
        readers.ForEach(reader => reader.Dispose());
        filler.Dispose();
        feeder.Dispose();
    }

    // As many as are due by the clock, so that a wait that took longer makes none fewer.
    private void Feed()
    {
        var message = new EncodedPublish(options.Pairs.Target.Version, Topic, options.Pairs.Size, QualityOfService.AtMostOnce);
        var bytes = new byte[message.Length];
        long began = Stopwatch.GetTimestamp();
        try
        {
            for (long sent = 0; !stopping; Thread.Sleep(1))
            {
                for (double due = Stopwatch.GetElapsedTime(began).TotalSeconds * options.Rate; sent < due && !stopping; sent++)
                {
                    message.CopyTo(bytes, sent);
                    feeder.Send(bytes);
                }
            }
        }
        catch (IOException)
        {
            // The broker has gone: whoever measures is told by its own connections.
        }
    }
}
