using System.Text;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Tests.Topics;

/// <summary>Matching takes no lock: whatever else comes and goes meanwhile, a subscription that stays is found by every match, once.</summary>
public sealed class ConcurrentTopicTreeTests
{
    private const int Matches = 3_000;

    [Fact]
    public async Task Subscriptions_that_stay_are_found_by_every_match_while_others_come_and_go()
    {
        var tree = new TopicTree<Client>();
        string[] staying = ["a/b/c", "a/+/c", "a/#", "#", "+/b/c", "a/b/c/#"];
        Client[] clients = [.. staying.Select(filter => new Client(filter))];
        var churn = Enumerable.Range(0, 2).Select(i => new Churn(tree, seed: i)).ToArray();
        // In the middle of others: its places in lists and tables move while they come and go.
        for (int i = 0; i < 200; i++) churn[i % 2].Step();
        foreach (var client in clients) tree.Add(TopicTreeTests.Subscribe(client, client.Name));
        using var stop = new CancellationTokenSource();
        var changing = churn.Select(one => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) one.Step();
        })).ToArray();

        var missed = await Task.Run(() =>
        {
            for (int i = 0; i < Matches; i++)
            {
                var found = tree.Match("a/b/c"u8).Subscribers;
                foreach (var client in clients)
                    if (found.Count(match => match.Subscriber == client) != 1) return client.Name;
            }
            return null;
        });
        stop.Cancel();
        await Task.WhenAll(changing);
        missed.ShouldBeNull();

        foreach (var one in churn) one.End();
        tree.Match("a/b/c"u8).Subscribers.Length.ShouldBe(clients.Length);
        tree.Count.ShouldBe(clients.Length);
    }

    [Fact]
    public async Task The_first_subscriber_of_a_filter_is_found_once_while_a_second_and_a_neighbour_come()
    {
        const int Rounds = 20_000;
        var tree = new TopicTree<Client>();
        var first = new Client("first");
        byte[] topic = [];
        bool isOver = false;
        var changing = Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                tree.Add(TopicTreeTests.Subscribe(first, $"a{i}/b"));
                Volatile.Write(ref topic, Encoding.UTF8.GetBytes($"a{i}/b"));
                tree.Add(TopicTreeTests.Subscribe(new Client("second"), $"a{i}/b"));
                tree.Add(TopicTreeTests.Subscribe(new Client("neighbour"), $"a{i}/c"));
            }
            Volatile.Write(ref isOver, true);
        });
        var counts = new HashSet<int>();
        while (!Volatile.Read(ref isOver))
            if (Volatile.Read(ref topic) is { Length: > 0 } now) counts.Add(tree.Match(now).Subscribers.Count(match => match.Subscriber == first));
        await changing;
        counts.ShouldBe([1]);
    }

    private sealed class Churn(TopicTree<Client> tree, int seed)
    {
        private static readonly string[] Filters = ["a/b/c", "a/+/c", "a/#", "#", "+/b/c", "a/b/c/#", "a/b", "a/b/d", "a", "$share/g/a/b/c", "b/+/c"];
        private readonly Random random = new(seed);
        private readonly List<Subscription<Client>> own = [];

        public void Step()
        {
            if (own.Count > 0 && random.Next(100) < (own.Count > 60 ? 80 : 40))
            {
                int at = random.Next(own.Count);
                tree.Remove(own[at]);
                (own[at], own[^1]) = (own[^1], own[at]);
                own.RemoveAt(own.Count - 1);
                return;
            }
            string filter = random.Next(2) == 0 ? Filters[random.Next(Filters.Length)] : $"a/b/{random.Next(50)}";
            var subscription = TopicTreeTests.Subscribe(new Client($"{seed}"), filter, (QualityOfService)random.Next(3));
            tree.Add(subscription);
            own.Add(subscription);
        }

        public void End()
        {
            foreach (var subscription in own) tree.Remove(subscription);
        }
    }
}
