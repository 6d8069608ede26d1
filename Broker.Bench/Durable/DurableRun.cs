using System.Diagnostics;
using Broker.Bench.Clients;

namespace Broker.Bench.Durable;

/// <summary>One measurement: persistent sessions, messages at QoS 1 into them, and, where the subscribers were away, their return.</summary>
internal sealed class DurableRun(DurableOptions options)
{
    private readonly string name = RunName.Next();

    /// <summary>Measures; the figures by name.</summary>
    public async Task<Dictionary<string, double>> ExecuteAsync()
    {
        using var process = new ProcessMeter(options.Process);
        var subscribers = Enumerable.Range(0, options.Sessions).Select(i => new DurableSubscriber(options, $"{name}-s{i}", $"{name}/all", options.Publishers)).ToList();
        var publishers = Enumerable.Range(0, options.Publishers).Select(i => new DurablePublisher(options, $"{name}-p{i}", $"{name}/all", i, Share(i))).ToList();
        try
        {
            foreach (var subscriber in subscribers)
            {
                subscriber.Subscribe();
                if (!options.Online) subscriber.Leave();
            }
            return await MeasureAsync(publishers, subscribers, process);
        }
        finally
        {
            publishers.ForEach(publisher => publisher.Dispose());
            subscribers.ForEach(subscriber => subscriber.Dispose());
        }
    }

    /// <summary>The middle of each figure.</summary>
    public static Dictionary<string, double> Medians(IReadOnlyList<Dictionary<string, double>> runs) =>
        runs[0].Keys.ToDictionary(figure => figure, figure => runs.Select(run => run[figure]).Order().ElementAt(runs.Count / 2));

    private async Task<Dictionary<string, double>> MeasureAsync(List<DurablePublisher> publishers, List<DurableSubscriber> subscribers, ProcessMeter process)
    {
        double cpu = process.CpuSeconds;
        long began = Stopwatch.GetTimestamp();
        var sending = Task.WhenAll(publishers.Select(publisher => Task.Factory.StartNew(publisher.Run, TaskCreationOptions.LongRunning)));
        var receiving = options.Online ? subscribers.Select(subscriber => subscriber.ReceiveAsync(options.Messages, sending)).ToList() : [];
        await sending;
        double sendingTook = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double sendingCpu = process.CpuSeconds - cpu;
        long returned = began;
        if (!options.Online)
        {
            (cpu, returned) = (process.CpuSeconds, Stopwatch.GetTimestamp());
            foreach (var subscriber in subscribers)
            {
                subscriber.Return();
                receiving.Add(Task.Run(() => subscriber.ReceiveAsync(options.Messages, Task.CompletedTask)));
            }
        }
        await Task.WhenAll(receiving);
        double received = subscribers.Sum(subscriber => (double)subscriber.Received), expected = (double)options.Messages * options.Sessions;
        double receivingTook = Stopwatch.GetElapsedTime(returned, subscribers.Select(subscriber => subscriber.LastAt).DefaultIfEmpty(returned + 1).Max()).TotalSeconds;
        double receivingCpu = process.CpuSeconds - cpu;
        int present = subscribers.Count(subscriber => subscriber.WasPresent);
        subscribers.ForEach(subscriber => subscriber.Discard());

        var latencies = publishers.SelectMany(publisher => publisher.Latencies).Order().ToArray();
        var figures = new Dictionary<string, double>
        {
            ["window"] = publishers.Min(publisher => publisher.Window),
            ["acknowledgedPerSecond"] = Math.Round(options.Messages / sendingTook),
            ["pubackP50Ms"] = Milliseconds(latencies, 0.5),
            ["pubackP99Ms"] = Milliseconds(latencies, 0.99),
            ["pubackMaxMs"] = Milliseconds(latencies, 1),
            ["refused"] = publishers.Sum(publisher => publisher.Refused),
            [options.Online ? "deliveredPerSecond" : "replayedPerSecond"] = Math.Round(received / Math.Max(receivingTook, 1e-9)),
            ["lost"] = expected - received,
            ["repeated"] = subscribers.Sum(subscriber => subscriber.Repeated),
        };
        if (!options.Online) (figures["queuedPerSecond"], figures["present"]) = (Math.Round(expected / sendingTook), present);
        if (process.IsThere) (figures["sendingCpuSeconds"], figures["receivingCpuSeconds"]) = (Math.Round(sendingCpu, 2), Math.Round(receivingCpu, 2));
        return figures;
    }

    // The first ones send what does not divide.
    private int Share(int publisher) => options.Messages / options.Publishers + (publisher < options.Messages % options.Publishers ? 1 : 0);

    private static double Milliseconds(long[] sorted, double share) => Math.Round(Stopwatch.GetElapsedTime(0, sorted[(int)(share * (sorted.Length - 1))]).TotalMilliseconds, 3);
}
