using System.Text;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Tests.Topics;

/// <summary>Who gets what (MQTT 5, sections 3.3.4, 3.8.4, 4.7 and 4.8), held against <see cref="NaiveMatcher"/>.</summary>
public sealed class TopicTreeTests
{
    private readonly TopicTree<Client> tree = new();

    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "/", true)]
    [InlineData("+", "finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("#", "$SYS/monitor/Clients", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/monitor/Clients", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("+/$SYS", "a/$SYS", true)]
    [InlineData("a", "A", false)]
    public void A_filter_matches_as_the_standard_says(string filter, string topic, bool matches)
    {
        NaiveMatcher.Matches(filter, topic).ShouldBe(matches);
        tree.Add(Subscribe(new Client("c"), filter));
        Find(topic).Subscribers.Length.ShouldBe(matches ? 1 : 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_subscriptions_that_come_change_and_go_match_what_a_naive_matcher_finds(int seed)
    {
        var random = new Random(seed);
        var model = new SubscriptionModel();
        for (int step = 0; step < 6_000; step++)
        {
            model.Change(tree, random, growing: step < 4_000);
            tree.Count.ShouldBe(model.Count);
            string topic = NaiveMatcher.RandomTopic(random);
            var found = Find(topic);
            SubscriptionModel.Text(found).ShouldBe(model.Text(topic), topic);
        }
        model.RemoveAll(tree);
        tree.Count.ShouldBe(0);
        tree.IsBare.ShouldBeTrue();
    }

    [Fact]
    public void A_subscriber_gets_one_copy_with_the_highest_qos_and_all_identifiers()
    {
        var client = new Client("c");
        tree.Add(Subscribe(client, "a/+", QualityOfService.AtMostOnce, identifier: 5));
        tree.Add(Subscribe(client, "a/#", QualityOfService.ExactlyOnce, identifier: 7, retainAsPublished: true));
        tree.Add(Subscribe(client, "a/b", QualityOfService.AtLeastOnce));
        var match = Find("a/b").Subscribers.ShouldHaveSingleItem();
        match.QoS.ShouldBe(QualityOfService.ExactlyOnce);
        match.Identifiers.Order().ShouldBe([5u, 7u]);
        match.RetainAsPublished.ShouldBeTrue();
        match.NoLocal.ShouldBeFalse();
        match.Local.ShouldBeEmpty();
    }

    [Fact]
    public void No_local_holds_for_the_subscriptions_that_ask_for_it_only()
    {
        var client = new Client("c");
        tree.Add(Subscribe(client, "a", QualityOfService.ExactlyOnce, identifier: 1, noLocal: true));
        var alone = Find("a").Subscribers.ShouldHaveSingleItem();
        alone.NoLocal.ShouldBeTrue();
        alone.Local.ShouldBeEmpty();

        tree.Add(Subscribe(client, "#", QualityOfService.AtLeastOnce, identifier: 2));
        var mixed = Find("a").Subscribers.ShouldHaveSingleItem();
        (mixed.NoLocal, mixed.QoS).ShouldBe((false, QualityOfService.ExactlyOnce));
        mixed.Identifiers.Order().ShouldBe([1u, 2u]);
        var own = mixed.Local.ShouldHaveSingleItem();
        (own.NoLocal, own.QoS).ShouldBe((false, QualityOfService.AtLeastOnce));
        own.Identifiers.ShouldBe([2u]);
    }

    [Fact]
    public void What_was_found_holds_as_long_as_the_version_stays()
    {
        var client = new Client("c");
        var subscription = Subscribe(client, "a");
        long empty = tree.Version;
        tree.Add(subscription);
        var found = Find("a");
        found.Version.ShouldBe(tree.Version);
        found.Version.ShouldNotBe(empty);
        tree.Replace(subscription, subscription = Subscribe(client, "a", QualityOfService.AtLeastOnce));
        tree.Version.ShouldNotBe(found.Version);
        Find("a").Subscribers.ShouldHaveSingleItem().QoS.ShouldBe(QualityOfService.AtLeastOnce);
        tree.Remove(subscription);
        Find("a").Count.ShouldBe(0);
    }

    [Fact]
    public void A_topic_of_very_many_levels_is_matched_without_recursion()
    {
        string deep = string.Join('/', Enumerable.Repeat("", 65_536));
        tree.Add(Subscribe(new Client("c"), deep));
        tree.Add(Subscribe(new Client("d"), "/#"));
        Find(deep).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Levels_of_every_length_are_told_apart_by_each_of_their_bytes(bool together)
    {
        string[] levels = [.. from length in Enumerable.Range(1, 40) from place in Enumerable.Range(0, length) select new string('a', place) + "b" + new string('a', length - place - 1)];
        if (together) foreach (string level in levels) tree.Add(Subscribe(new Client(level), $"t/{level}"));
        foreach (string level in levels)
        {
            if (!together) tree.Add(Subscribe(new Client(level), $"{level.Length}/{level}"));
            Find(together ? $"t/{level}" : $"{level.Length}/{level}").Subscribers.ShouldHaveSingleItem().Subscriber.Name.ShouldBe(level);
            Find($"t/{level}b").Count.ShouldBe(0);
        }
    }

    internal static Subscription<Client> Subscribe(
        Client client, string filter, QualityOfService qos = QualityOfService.AtMostOnce, uint identifier = 0, bool noLocal = false, bool retainAsPublished = false) =>
        new(client, TopicFilter.Parse(filter), new SubscriptionOptions(qos, noLocal, retainAsPublished), identifier);

    private Matches<Client> Find(string topic) => tree.Match(Encoding.UTF8.GetBytes(topic));
}

/// <summary>Somebody who subscribes.</summary>
internal sealed record Client(string Name);
