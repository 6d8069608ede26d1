using System.Text;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Tests.Topics;

/// <summary>The last message of each topic (MQTT 5, section 3.3.1.3), held against a plain dictionary.</summary>
public sealed class RetainedMessagesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_messages_that_are_set_cleared_and_expire_match_what_a_naive_matcher_finds(int seed)
    {
        const int limit = 120;
        var random = new Random(seed);
        var retained = new RetainedMessages(limit);
        var model = new Dictionary<string, ApplicationMessage>(StringComparer.Ordinal);
        long now = 0;
        for (int step = 0; step < 20_000; step++)
        {
            string topic = NaiveMatcher.RandomTopic(random);
            switch (random.Next(10))
            {
                case < 6:
                    var message = Message(topic, expiresAt: random.Next(3) == 0 ? now + random.Next(1, 200) : ApplicationMessage.Never);
                    bool allowed = model.ContainsKey(topic) || model.Count < limit;
                    retained.Set(message).ShouldBe(allowed);
                    if (allowed) model[topic] = message;
                    break;
                case < 8:
                    retained.Clear(Encoding.UTF8.GetBytes(topic)).ShouldBe(model.Remove(topic));
                    break;
                case 8:
                    now += random.Next(50);
                    retained.Expire(now);
                    foreach (var (gone, _) in model.Where(pair => pair.Value.ExpiresAt <= now).ToArray()) model.Remove(gone);
                    break;
                default:
                    string filter = NaiveMatcher.RandomFilter(random);
                    retained.Match(TopicFilter.Parse(filter)).Select(found => found.Message).ShouldBe(
                        model.Where(pair => NaiveMatcher.Matches(filter, pair.Key)).Select(pair => pair.Value), ignoreOrder: true, filter);
                    break;
            }
            retained.Count.ShouldBe(model.Count);
        }
        foreach (string topic in model.Keys) retained.Clear(Encoding.UTF8.GetBytes(topic)).ShouldBeTrue();
        retained.Count.ShouldBe(0);
        retained.Root.HasChildren.ShouldBeFalse();
    }

    [Fact]
    public void A_wildcard_over_a_million_topics_visits_only_what_it_matches()
    {
        var retained = new RetainedMessages(int.MaxValue);
        byte[] topic = "site/000/device/000/x"u8.ToArray();
        for (int i = 0; i < 1_000_000; i++)
        {
            Number(topic.AsSpan(5, 3), i / 1_000);
            Number(topic.AsSpan(16, 3), i % 1_000);
            retained.Set(new ApplicationMessage(new Publication { Topic = topic, ExpiresAt = ApplicationMessage.Never }));
        }
        retained.Count.ShouldBe(1_000_000);
        Visited(retained, "site/500/device/7/x").ShouldBe((0, 4));
        Visited(retained, "site/500/device/007/x").ShouldBe((1, 6));
        Visited(retained, "site/500/device/+/x").Topics.ShouldBe(1_000);
        Visited(retained, "site/500/device/+/x").Nodes.ShouldBe(4 + 2 * 1_000);
        Visited(retained, "site/+/device/007/#").ShouldBe((1_000, 2 + 4 * 1_000));
        Visited(retained, "+/none/#").ShouldBe((0, 2));
    }

    [Fact]
    public void A_message_that_does_not_expire_any_more_stays()
    {
        var retained = new RetainedMessages(10);
        retained.Set(Message("a", expiresAt: 100));
        var lasting = Message("a");
        retained.Set(lasting);
        retained.Expire(1_000);
        retained.Get("a"u8).ShouldBe(lasting);
        retained.Count.ShouldBe(1);
    }

    [Fact]
    public void What_is_replaced_again_and_again_long_before_it_expires_takes_no_room()
    {
        var retained = new RetainedMessages(10);
        for (int i = 0; i < 10_000; i++) retained.Set(Message("a", expiresAt: 1_000_000 - i));
        for (int i = 0; i < 10_000; i++)
        {
            retained.Set(Message($"{i}", expiresAt: 2_000_000 + i));
            retained.Clear(Encoding.UTF8.GetBytes($"{i}"));
        }
        retained.ExpiringPlaces.ShouldBeLessThan(100);
        retained.Expire(990_000);
        retained.Count.ShouldBe(1);
        retained.Expire(990_001);
        retained.Count.ShouldBe(0);
        retained.Root.HasChildren.ShouldBeFalse();
    }

    [Fact]
    public void At_the_limit_known_topics_are_replaced_and_others_refused()
    {
        var retained = new RetainedMessages(1);
        retained.Set(Message("a")).ShouldBeTrue();
        retained.Set(Message("b")).ShouldBeFalse();
        retained.Set(Message("a", expiresAt: 5)).ShouldBeTrue();
        retained.Clear("a"u8).ShouldBeTrue();
        retained.Set(Message("b")).ShouldBeTrue();
        retained.Get("a"u8).ShouldBeNull();
    }

    internal static ApplicationMessage Message(string topic, string payload = "", long expiresAt = ApplicationMessage.Never) =>
        new(new Publication { Topic = Encoding.UTF8.GetBytes(topic), Payload = Encoding.UTF8.GetBytes(payload), ExpiresAt = expiresAt });

    private static (int Topics, int Nodes) Visited(RetainedMessages retained, string filter)
    {
        var found = retained.Match(TopicFilter.Parse(filter), out int nodes);
        return (found.Count, nodes);
    }

    private static void Number(Span<byte> digits, int value)
    {
        for (int i = digits.Length - 1; i >= 0; i--, value /= 10) digits[i] = (byte)('0' + value % 10);
    }
}
