using System.Text;
using Broker.Tests.Sessions;

namespace Broker.Tests.Routing;

/// <summary>What is remembered of who gets a topic holds until a subscription changes.</summary>
public sealed class MatchCacheTests : IDisposable
{
    private readonly SessionBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Matches_are_found_again_as_the_same_until_a_subscription_changes_anywhere()
    {
        var client = await bench.ConnectAsync("client");
        client.Subscribe("a");
        var cache = bench.Router.CreateCache();
        byte[][] topics = [.. Enumerable.Range(0, 100).Select(i => new[] { (byte)'a', (byte)(i + 48) })];
        var first = cache.Find("a"u8);
        cache.Find("a"u8).ShouldBeSameAs(first);
        cache.Find("b"u8).Count.ShouldBe(0);
        cache.Find("a"u8).Count.ShouldBe(1);
        foreach (byte[] topic in topics) cache.Find(topic).Count.ShouldBe(0);
        cache.Find("a"u8).Count.ShouldBe(1);

        client.Subscribe("b", qos: 1);
        cache.Find("a"u8).Count.ShouldBe(1);
        cache.Find("b"u8).Count.ShouldBe(1);
        client.Subscribe("+");
        cache.Find("b"u8).Subscribers.ShouldHaveSingleItem();
        cache.Find("c"u8).Count.ShouldBe(1);
        client.Leave();
        foreach (string topic in new[] { "a", "b", "c" }) cache.Find(Encoding.UTF8.GetBytes(topic)).Count.ShouldBe(0);
    }

    [Fact]
    public async Task The_topic_that_is_looked_up_may_change_its_bytes_afterwards()
    {
        (await bench.ConnectAsync("client")).Subscribe("a/b");
        var cache = bench.Router.CreateCache();
        byte[] buffer = "a/b"u8.ToArray(); // as a read buffer that is used again
        cache.Find(buffer).Count.ShouldBe(1);
        buffer[2] = (byte)'c';
        cache.Find(buffer).Count.ShouldBe(0);
        cache.Find("a/b"u8).Count.ShouldBe(1);
        cache.Find("a/c"u8).Count.ShouldBe(0);
    }

    [Fact]
    public async Task What_one_publisher_has_looked_up_others_know_too()
    {
        (await bench.ConnectAsync("client")).Subscribe("a/#");
        var (one, other) = (bench.Router.CreateCache(), bench.Router.CreateCache());
        var first = one.Find("a/b"u8);
        one.Find("a/c"u8);
        other.Find("a/b"u8).ShouldBeSameAs(first);
        one.Find("a/b"u8).ShouldBeSameAs(first);
    }

    [Fact]
    public async Task Far_more_topics_than_are_kept_are_all_matched()
    {
        var client = await bench.ConnectAsync("client");
        client.Subscribe("even/+/0");
        var cache = bench.Router.CreateCache();
        for (int round = 0; round < 2; round++)
            for (int i = 0; i < 100_000; i++)
                cache.Find(Encoding.UTF8.GetBytes($"even/{i}/{i % 2}")).Count.ShouldBe(1 - i % 2);
    }

    [Theory]
    [InlineData(300, 1)] // a topic too long to be kept
    [InlineData(1, 40)] // too many who get it
    public async Task What_is_not_kept_is_found_all_the_same(int length, int subscribers)
    {
        for (int i = 0; i < subscribers; i++) (await bench.ConnectAsync($"client {i}")).Subscribe("#");
        var cache = bench.Router.CreateCache();
        foreach (char first in "abab") cache.Find(Encoding.UTF8.GetBytes(new string(first, length))).Count.ShouldBe(subscribers);
        (await bench.ConnectAsync("late")).Subscribe("+");
        foreach (char first in "abab") cache.Find(Encoding.UTF8.GetBytes(new string(first, length))).Count.ShouldBe(subscribers + 1);
    }

    [Fact]
    public async Task Publishers_on_several_threads_find_what_stays_while_subscriptions_come_and_go()
    {
        var staying = await bench.ConnectAsync("staying");
        staying.Subscribe("+/stays");
        var coming = await bench.ConnectAsync("coming");
        using var stop = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                coming.Subscribe($"{i % 50}/stays");
                if (i % 3 == 0) coming.Do(delivery => coming.Session.Unsubscribe($"{i / 2 % 50}/stays", delivery));
            }
        });
        var looking = Enumerable.Range(0, 2).Select(number => Task.Run(() =>
        {
            var (cache, random) = (bench.Router.CreateCache(), new Random(number));
            for (int i = 0; i < 50_000; i++)
            {
                int topic = random.Next(100);
                var found = cache.Find(Encoding.UTF8.GetBytes($"{topic}/stays"));
                if (found.Subscribers.Count(match => match.Subscriber.ClientIdentifier == "staying") != 1) return $"{topic}";
            }
            return null;
        })).ToArray();
        (await Task.WhenAll(looking)).ShouldAllBe(missed => missed == null);
        stop.Cancel();
        await changing;
    }
}
