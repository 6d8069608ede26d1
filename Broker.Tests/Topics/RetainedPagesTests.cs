using System.Text;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Tests.Topics;

/// <summary>Retained messages page by page, held against a plain sorted list.</summary>
public sealed class RetainedPagesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_pages_hold_what_a_sorted_list_holds(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 300; round++)
        {
            var (retained, topics) = Random(random);
            string filter = NaiveMatcher.RandomFilter(random), prefix = Prefix(random);
            int most = random.Next(1, 6);

            Walk(retained, RetainedSelection.Matching(TopicFilter.Parse(filter)), most).ShouldBe(topics.Where(topic => NaiveMatcher.Matches(filter, topic)), filter);
            Walk(retained, RetainedSelection.StartingWith(prefix), most).ShouldBe(topics.Where(topic => topic.StartsWith(prefix, StringComparison.Ordinal)), prefix);
            Walk(retained, RetainedSelection.All, most).ShouldBe(topics);
            retained.CountOf(RetainedSelection.Matching(TopicFilter.Parse(filter)), 3).Count.ShouldBe(topics.Count(topic => NaiveMatcher.Matches(filter, topic)), filter);
        }
    }

    [Theory]
    [InlineData(3)]
    public void A_page_begins_behind_a_topic_even_if_that_is_gone(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 300; round++)
        {
            var (retained, topics) = Random(random);
            string gone = NaiveMatcher.RandomTopic(random);
            retained.Clear(Encoding.UTF8.GetBytes(gone));
            topics.Remove(gone);

            retained.Page(RetainedSelection.All, gone, int.MaxValue).Select(one => one.Message.TopicText).ShouldBe(topics.Where(topic => Compare(topic, gone) > 0), gone);
        }
    }

    [Fact]
    public void Levels_are_listed_in_order_with_what_is_below_them()
    {
        var retained = new RetainedMessages(10_000);
        for (int i = 0; i < 1_500; i++) retained.Set(RetainedMessagesTests.Message($"many/{i}"));
        foreach (string topic in (string[])["a", "a/b", "a/b/c"]) retained.Set(RetainedMessagesTests.Message(topic));

        var levels = retained.Levels("", null, 10);
        levels.Select(level => (level.Level, level.HasMessage, level.HasChildren, level.Messages)).ShouldBe([("a", true, true, 3), ("many", false, true, 1_000)]);
        retained.Levels("", "a", 10).ShouldHaveSingleItem().Level.ShouldBe("many");
        retained.Levels("a/b", null, 10).ShouldHaveSingleItem().Level.ShouldBe("c");
        retained.Levels("nothing", null, 10).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(4)]
    public void One_filter_matches_one_topic_as_a_naive_matcher_says(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 50_000; i++)
        {
            string filter = NaiveMatcher.RandomFilter(random), topic = NaiveMatcher.RandomTopic(random);
            TopicFilter.Parse(filter).Matches(Encoding.UTF8.GetBytes(topic)).ShouldBe(NaiveMatcher.Matches(filter, topic), $"{filter} {topic}");
        }
    }

    private static (RetainedMessages Retained, List<string> Topics) Random(Random random)
    {
        var retained = new RetainedMessages(1_000);
        var topics = new SortedSet<string>(Comparer<string>.Create(Compare));
        for (int i = random.Next(40); i >= 0; i--)
        {
            string topic = NaiveMatcher.RandomTopic(random);
            retained.Set(RetainedMessagesTests.Message(topic));
            topics.Add(topic);
        }
        return (retained, [.. topics]);
    }

    private static List<string> Walk(RetainedMessages retained, RetainedSelection selection, int most)
    {
        var found = new List<string>();
        for (string? after = null; ; after = found[^1])
        {
            var page = retained.Page(selection, after, most);
            page.Count.ShouldBeLessThanOrEqualTo(most);
            found.AddRange(page.Select(one => one.Message.TopicText));
            if (page.Count < most) return found;
        }
    }

    private static string Prefix(Random random)
    {
        string topic = NaiveMatcher.RandomTopic(random);
        return topic[..random.Next(topic.Length + 1)];
    }

    // By levels, each by its bytes; what has no more levels comes first.
    private static int Compare(string one, string other)
    {
        string[] left = one.Split('/'), right = other.Split('/');
        for (int i = 0; i < left.Length && i < right.Length; i++)
        {
            int difference = Encoding.UTF8.GetBytes(left[i]).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right[i]));
            if (difference != 0) return difference;
        }
        return left.Length - right.Length;
    }
}
