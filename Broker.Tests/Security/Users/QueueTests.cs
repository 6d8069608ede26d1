using Broker.Web.Security.Users;

namespace Broker.Tests.Security.Users;

/// <summary>How lookups gather, and how long work waits its turn.</summary>
public sealed class QueueTests
{
    [Fact]
    public async Task What_is_asked_while_a_query_runs_is_one_query_and_each_key_stands_in_it_once()
    {
        var batches = new List<string[]>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gathering = new Gathering<string>(100, async keys =>
        {
            batches.Add([.. keys]);
            if (batches.Count == 1) await gate.Task;
            return keys.Where(key => key != "missing").ToDictionary(key => key, key => key.ToUpperInvariant());
        });
        var first = gathering.FindAsync("a", default);
        await UserBench.UntilAsync(() => gathering.Queries == 1);
        var others = Enumerable.Range(0, 50).SelectMany(n => new[] { gathering.FindAsync($"k{n}", default), gathering.FindAsync($"k{n}", default) }).ToArray();
        var missing = gathering.FindAsync("missing", default);
        gate.SetResult();

        (await first).ShouldBe("A");
        (await Task.WhenAll(others)).ShouldAllBe(found => found!.StartsWith('K'));
        (await missing).ShouldBeNull();
        batches.Select(batch => batch.Length).ShouldBe([1, 51]);
    }

    [Fact]
    public async Task A_query_that_fails_fails_those_who_asked_and_the_next_is_made()
    {
        bool fails = true;
        var gathering = new Gathering<string>(100, keys => fails ? throw new InvalidOperationException("away") : Task.FromResult<IReadOnlyDictionary<string, string>>(keys.ToDictionary(key => key)));
        await Should.ThrowAsync<InvalidOperationException>(gathering.FindAsync("a", default));
        fails = false;
        (await gathering.FindAsync("a", default)).ShouldBe("a");
    }

    [Fact]
    public async Task Each_lane_gets_its_turn_however_much_waits_in_another()
    {
        using var gate = new ManualResetEventSlim();
        using var queue = new FairQueue(1, 100);
        var done = new List<string>();
        queue.Add("first", gate.Wait, () => { });
        await UserBench.UntilAsync(() => queue.Waiting == 0);
        for (int n = 0; n < 3; n++) Add("loud", $"loud {n}");
        Add("quiet", "quiet");
        gate.Set();
        await UserBench.UntilAsync(() => Count() == 4);
        done.IndexOf("quiet").ShouldBeLessThan(2);
        done.Where(one => one != "quiet").ShouldBe(["loud 0", "loud 1", "loud 2"]);

        void Add(string lane, string what) => queue.Add(lane, () => { lock (done) done.Add(what); }, () => { });
        int Count() { lock (done) return done.Count; }
    }

    [Fact]
    public async Task When_too_much_waits_the_longest_lane_loses_what_came_last()
    {
        using var gate = new ManualResetEventSlim();
        using var queue = new FairQueue(1, 3);
        var dropped = new List<string>();
        queue.Add("first", gate.Wait, () => { });
        await UserBench.UntilAsync(() => queue.Waiting == 0);
        for (int n = 0; n < 3; n++) Add("loud", $"loud {n}");
        Add("quiet", "quiet");
        Add("loud", "loud 3");
        dropped.ShouldBe(["loud 2", "loud 3"]);
        queue.Dispose();
        gate.Set();
        dropped.Order().ShouldBe(["loud 0", "loud 1", "loud 2", "loud 3", "quiet"]);

        void Add(string lane, string what) => queue.Add(lane, () => { }, () => dropped.Add(what));
    }
}
