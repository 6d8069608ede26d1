using System.Text;
using BenchmarkDotNet.Attributes;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Bench.Micro;

/// <summary>Who gets a message, found among many filters: a third of them exact, a third with <c>+</c>, a third with <c>#</c>. Each topic matches one.</summary>
public class TopicTreeBenchmarks
{
    private const int Topics = 1_024;

    private TopicTree<object> tree = null!;
    private byte[][] exact = null!, singleLevel = null!, multiLevel = null!, unknown = null!;

    /// <summary>How many filters there are.</summary>
    [Params(1_000_000)]
    public int Filters { get; set; }

    /// <summary>Fills the tree.</summary>
    [GlobalSetup]
    public void Setup()
    {
        tree = new();
        int each = Filters / 3;
        for (int i = 0; i < each; i++)
        {
            Add($"site/{i}/temperature");
            Add($"site/+/group{i}/state");
            Add($"site/area{i}/#");
        }
        // Scattered, so that no cache of the processor holds them all.
        var random = new Random(1);
        exact = Make(() => $"site/{random.Next(each)}/temperature");
        singleLevel = Make(() => $"site/any/group{random.Next(each)}/state");
        multiLevel = Make(() => $"site/area{random.Next(each)}/any/thing");
        unknown = Make(() => $"site/{random.Next(each)}/humidity");
    }

    /// <summary>By a filter without wildcards.</summary>
    [Benchmark(OperationsPerInvoke = Topics)]
    public int Exact() => Match(exact);

    /// <summary>By a filter with <c>+</c>.</summary>
    [Benchmark(OperationsPerInvoke = Topics)]
    public int SingleLevel() => Match(singleLevel);

    /// <summary>By a filter with <c>#</c>.</summary>
    [Benchmark(OperationsPerInvoke = Topics)]
    public int MultiLevel() => Match(multiLevel);

    /// <summary>By none.</summary>
    [Benchmark(OperationsPerInvoke = Topics)]
    public int None() => Match(unknown);

    private void Add(string filter) => tree.Add(new Subscription<object>(new object(), TopicFilter.Parse(filter), default, 0));

    private static byte[][] Make(Func<string> topic) => [.. Enumerable.Range(0, Topics).Select(_ => Encoding.UTF8.GetBytes(topic()))];

    private int Match(byte[][] topics)
    {
        int found = 0;
        foreach (byte[] topic in topics) found += tree.Match(topic).Count;
        return found;
    }
}
