using Broker.Core.Protocol;
using Broker.Tests.Topics;

namespace Broker.Tests.Access;

/// <summary>Whether one filter holds all topics of another, or some (MQTT 5, section 4.7).</summary>
public sealed class FilterRelationTests
{
    // Every topic of up to four levels over these: enough to tell any two filters of up to three levels apart. The empty one counts, though no packet names it.
    private static readonly string[] Levels = ["", "a", "b", "$s"];

    private static readonly string[] Topics =
        [.. Sequences(1).Concat(Sequences(2)).Concat(Sequences(3)).Concat(Sequences(4)).Select(levels => string.Join('/', levels))];

    [Theory]
    [InlineData("#", "a", true)]
    [InlineData("#", "#", true)]
    [InlineData("#", "$SYS/a", false)]
    [InlineData("+", "$SYS", false)]
    [InlineData("+/#", "#", true)]
    [InlineData("+/+/#", "#", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/+/#", true)]
    [InlineData("a/+/#", "a/#", false)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("+/b", "a/b", true)]
    [InlineData("a//b", "a/+/b", false)]
    [InlineData("a/+/b", "a//b", true)]
    [InlineData("$SYS/#", "$SYS/+/a", true)]
    [InlineData("a", "a/", false)]
    public void A_filter_covers_another_or_not(string filter, string other, bool covers) =>
        TopicFilter.Parse(filter).Covers(TopicFilter.Parse(other)).ShouldBe(covers);

    [Theory]
    [InlineData("a/+", "+/b", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("$SYS/#", "+/a", false)]
    [InlineData("a/+/c", "a/b/#", true)]
    [InlineData("a/+/c", "a/b/d", false)]
    [InlineData("a/#", "+", true)]
    [InlineData("+/+", "a/#", true)]
    public void Two_filters_have_a_topic_in_common_or_not(string filter, string other, bool overlap)
    {
        TopicFilter.Parse(filter).Overlaps(TopicFilter.Parse(other)).ShouldBe(overlap);
        TopicFilter.Parse(other).Overlaps(TopicFilter.Parse(filter)).ShouldBe(overlap);
    }

    [Fact]
    public void Both_agree_with_trying_every_topic()
    {
        var matched = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        HashSet<string> Matched(string filter) =>
            matched.TryGetValue(filter, out var known) ? known : matched[filter] = [.. Topics.Where(topic => NaiveMatcher.Matches(filter, topic))];
        var random = new Random(4_711);
        for (int i = 0; i < 20_000; i++)
        {
            var (one, other) = (RandomFilter(random), RandomFilter(random));
            var (first, second) = (TopicFilter.Parse(one), TopicFilter.Parse(other));
            first.Covers(second).ShouldBe(Matched(other).IsSubsetOf(Matched(one)), $"{one} covers {other}");
            first.Overlaps(second).ShouldBe(Matched(other).Overlaps(Matched(one)), $"{one} overlaps {other}");
        }
    }

    private static string RandomFilter(Random random)
    {
        string[] words = [.. Levels, "+", "+"];
        string[] levels = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => words[random.Next(words.Length)])];
        if (random.Next(3) == 0) levels[^1] = "#";
        return string.Join('/', levels) is { Length: > 0 } filter ? filter : "a";
    }

    private static IEnumerable<string[]> Sequences(int count) =>
        count == 0 ? [[]] : Sequences(count - 1).SelectMany(before => Levels.Append("z"), (before, level) => (string[])[.. before, level]);
}
