using Broker.Tests.Sessions;

namespace Broker.Tests.Routing;

/// <summary>What a publisher remembers of its topics' subscribers holds until a subscription changes.</summary>
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
        foreach (string topic in new[] { "a", "b", "c" }) cache.Find(System.Text.Encoding.UTF8.GetBytes(topic)).Count.ShouldBe(0);
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
}
