using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;

namespace Broker.Tests.Access;

/// <summary>Names of clients in the filters of rules. One that could reach topics of others never matches, and denies (CVE-2017-7650).</summary>
public sealed class PlaceholderTests
{
    [Theory]
    [InlineData("anna", "c1", "home/anna/c1/x", true)]
    [InlineData("anna", "c1", "home/anna/c2/x", false)]
    [InlineData("anna", "c1", "home/bert/c1/x", false)]
    public void A_name_stands_for_its_placeholder(string user, string client, string topic, bool allows) =>
        Publish("home/%u/%c/#", user, client, topic).ShouldBe(allows);

    [Theory]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("a/b")]
    [InlineData("/")]
    [InlineData("$SYS")]
    [InlineData("a\u0001")]
    [InlineData("a\u0085")]
    [InlineData("a\nb")]
    [InlineData("")]
    [InlineData(null)]
    public void A_name_that_could_reach_further_reaches_nothing(string? name)
    {
        foreach (string topic in new[] { "home/other/x", "home/+/x", "home//x", $"home/{name}/x" })
        {
            Publish("home/%u/#", name, "c", topic).ShouldBeFalse(topic);
            if (name is not null) Publish("home/%c/#", "u", name, topic).ShouldBeFalse(topic);
        }
        var rules = Policy("home/%u/#").RulesOf(new ClientIdentity("c", name, null));
        rules.Subscribe(TopicFilter.Parse("home/#")).Allows.ShouldBeFalse();
        rules.Subscribe(TopicFilter.Parse("home/+/x")).Allows.ShouldBeFalse();
        rules.MayReceive("home/other/x"u8).ShouldBeFalse();
    }

    [Fact]
    public void It_denies_even_where_everything_else_is_allowed_and_nowhere_else()
    {
        var rules = AccessBench.OpenRules("allow anyone both home/%u/#", "allow anyone both #").RulesOf(new ClientIdentity("c", "+", null));

        rules.Publish("home/anna/x"u8, 0, false).ToString().ShouldBe("rule 1: allow anyone to publish and subscribe to home/%u/# (the client's name cannot stand for its placeholder)");
        rules.Publish("garden"u8, 0, false).Allows.ShouldBeTrue();
        rules.Subscribe(TopicFilter.Parse("#")).IsCut.ShouldBeTrue();
    }

    [Fact]
    public void A_name_that_looks_like_a_placeholder_is_no_placeholder()
    {
        Publish("home/%u/%c", "%c", "c1", "home/%c/c1").ShouldBeTrue();
        Publish("home/%u/%c", "%c", "c1", "home/c1/c1").ShouldBeFalse();
        Publish("home/%c/%u", "anna", "%u", "home/%u/anna").ShouldBeTrue();
    }

    [Fact]
    public void A_part_of_a_level_can_be_a_name()
    {
        Publish("home/dev-%c/#", "u", "7", "home/dev-7/x").ShouldBeTrue();
        Publish("home/dev-%c/#", "u", "7", "home/dev-8/x").ShouldBeFalse();
        Publish("%c/#", "u", "+", "a/b").ShouldBeFalse();
        Publish("%c/#", "u", "$SYS", "$SYS/a").ShouldBeFalse();
    }

    private static AccessPolicy Policy(string filter) => AccessBench.Rules("allow anyone both " + filter);

    private static bool Publish(string filter, string? user, string client, string topic) =>
        Policy(filter).RulesOf(new ClientIdentity(client, user, null)).Publish(Encoding.UTF8.GetBytes(topic), QualityOfService.AtMostOnce, false).Allows;
}
