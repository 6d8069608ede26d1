using Broker.Core.Protocol;

namespace Broker.Tests.Protocol;

/// <summary>Which texts are topic names and topic filters.</summary>
public sealed class TopicTests
{
    [Theory]
    [InlineData("a"), InlineData("/"), InlineData("//"), InlineData("a/b"), InlineData("/a"), InlineData("a/"), InlineData("#"), InlineData("+"), InlineData("+/+")]
    [InlineData("a/#"), InlineData("+/#"), InlineData("/+"), InlineData("a//b"), InlineData("$SYS/#"), InlineData(" "), InlineData("A b/\u00FC/\uFEFF")]
    [InlineData("$share"), InlineData("$shared/g/a"), InlineData("$share/g/a"), InlineData("$share/g/#"), InlineData("$share/g//"), InlineData("$share/g/$SYS/#")]
    public void Filters_of_the_standard_are_valid(string filter) => TopicFilter.TryParse(filter, out _, out string? error).ShouldBeTrue(error);

    [Theory]
    [InlineData(""), InlineData("a#"), InlineData("#/a"), InlineData("a/#/b"), InlineData("a+"), InlineData("+a"), InlineData("a/+b"), InlineData("a/b#"), InlineData("##")]
    [InlineData("++"), InlineData("#+"), InlineData("a\0b")]
    [InlineData("$share/"), InlineData("$share//"), InlineData("$share//a"), InlineData("$share/g"), InlineData("$share/g/"), InlineData("$share/a+b/x")]
    [InlineData("$share/#/x"), InlineData("$share/g#/x"), InlineData("$share/+/x"), InlineData("$share/g/a#")]
    public void Other_filters_are_not(string filter)
    {
        TopicFilter.TryParse(filter, out _, out string? error).ShouldBeFalse();
        error.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void A_shared_filter_is_told_apart_by_its_whole_text_and_matched_by_its_rest()
    {
        var filter = TopicFilter.Parse("$share/group/a/+");
        filter.Text.ShouldBe("$share/group/a/+");
        filter.ShareName.ShouldBe("group");
        filter.Filter.ShouldBe("a/+");
        filter.HoldsWildcards.ShouldBeTrue();
        TopicFilter.Parse("$shared/x").ShareName.ShouldBeNull();
    }

    [Theory]
    [InlineData("a", true), InlineData("/", true), InlineData("$SYS/x", true), InlineData(" ", true), InlineData("", false), InlineData("a/+", false), InlineData("#", false)]
    public void Topic_names_have_a_character_and_no_wildcards(string topic, bool valid) =>
        TopicName.IsValid(System.Text.Encoding.UTF8.GetBytes(topic)).ShouldBe(valid);
}
