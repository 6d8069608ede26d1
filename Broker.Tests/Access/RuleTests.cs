using System.Net;
using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;

namespace Broker.Tests.Access;

/// <summary>What a list of rules says for a client: the first that concerns it decides.</summary>
public sealed class RuleTests
{
    private static readonly ClientIdentity Anna = new("c1", "anna", null), Anonymous = new("c2", null, null);

    [Fact]
    public void The_first_rule_that_concerns_a_topic_decides()
    {
        var policy = AccessBench.Rules("deny user anna publish a/secret", "allow user anna publish a/#", "deny anyone both #");

        Publish(policy, Anna, "a/b").ShouldBe("allow 2");
        Publish(policy, Anna, "a/secret").ShouldBe("deny 1");
        Publish(policy, Anna, "b").ShouldBe("deny 3");
        Publish(policy, Anonymous, "a/b").ShouldBe("deny 3");
    }

    [Fact]
    public void Each_subject_concerns_whom_it_names()
    {
        var policy = new AccessPolicy(
            [.. new[] { "allow user anna publish user", "allow group ops publish group", "allow client c1 publish client", "allow anonymous publish nobody", "allow anyone publish all" }.Select(AccessBench.Rule)],
            allowsByDefault: false, new Dictionary<string, string[]> { ["anna"] = ["ops", "lab"], ["bert"] = ["lab"] });

        Allowed(policy, Anna, "user", "group", "client", "nobody", "all").ShouldBe("user group client all");
        Allowed(policy, new("c3", "bert", null), "user", "group", "client", "nobody", "all").ShouldBe("all");
        Allowed(policy, Anonymous, "user", "group", "client", "nobody", "all").ShouldBe("nobody all");
        Allowed(policy, new("c3", "", null), "user", "group", "client", "nobody", "all").ShouldBe("all", "an empty name is a name");
    }

    [Fact]
    public void A_rule_for_one_action_says_nothing_of_the_other()
    {
        var policy = AccessBench.Rules("allow anyone publish a", "allow anyone subscribe b", "allow anyone both c");

        Allowed(policy, Anna, "a", "b", "c").ShouldBe("a c");
        Subscribe(policy, Anna, "a").Allows.ShouldBeFalse();
        Subscribe(policy, Anna, "b").Allows.ShouldBeTrue();
        Subscribe(policy, Anna, "c").Allows.ShouldBeTrue();
    }

    [Fact]
    public void A_subscription_needs_a_rule_that_covers_all_of_it()
    {
        var policy = AccessBench.Rules("allow anyone subscribe a/+", "allow anyone subscribe b/#");

        Subscribe(policy, Anna, "a/+").Allows.ShouldBeTrue();
        Subscribe(policy, Anna, "a/#").Allows.ShouldBeFalse();
        Subscribe(policy, Anna, "b").Allows.ShouldBeTrue();
        Subscribe(policy, Anna, "#").Allows.ShouldBeFalse();
        Subscribe(policy, Anna, "$share/g/b/c").Allows.ShouldBeTrue();
        Subscribe(policy, Anna, "$share/g/c").Allows.ShouldBeFalse();
    }

    [Fact]
    public void A_rule_before_it_that_denies_a_part_cuts_into_a_subscription()
    {
        var policy = AccessBench.OpenRules("deny anyone subscribe a/secret/#");

        var decision = Subscribe(policy, Anna, "a/#");
        (decision.Allows, decision.IsCut).ShouldBe((true, true));
        Subscribe(policy, Anna, "a/secret/b").Allows.ShouldBeFalse();
        Subscribe(policy, Anna, "b/#").IsCut.ShouldBeFalse();
        policy.RulesOf(Anna).MayReceive("a/secret/b"u8).ShouldBeFalse();
        policy.RulesOf(Anna).MayReceive("a/b"u8).ShouldBeTrue();
    }

    [Fact]
    public void A_limit_of_qos_or_retain_denies_what_is_above_it_and_grants_no_more()
    {
        var policy = new AccessPolicy([new AccessRule { Id = 1, Filter = "a", Allows = true, MaximumQoS = QualityOfService.AtLeastOnce, MayRetain = false }], allowsByDefault: true);
        var rules = policy.RulesOf(Anna);

        rules.Publish("a"u8, QualityOfService.AtLeastOnce, false).Allows.ShouldBeTrue();
        rules.Publish("a"u8, QualityOfService.ExactlyOnce, false).ToString().ShouldEndWith("(QoS 2 is above its limit)");
        rules.Publish("a"u8, QualityOfService.AtMostOnce, true).ToString().ShouldEndWith("(it does not allow RETAIN)");
        Subscribe(policy, Anna, "a").Rule.MaximumQoS.ShouldBe(QualityOfService.AtLeastOnce);
    }

    [Fact]
    public void Topics_of_the_broker_are_closed_unless_a_rule_opens_them_and_its_own_machine_may_read_them()
    {
        var here = new ClientIdentity("c", null, new IPEndPoint(IPAddress.Loopback, 1));

        Publish(AccessPolicy.Open, Anna, "$SYS/a").ShouldStartWith("deny");
        Publish(AccessPolicy.Open, Anna, "$SYS/broker/connection/bridge/state").ShouldStartWith("allow");
        Subscribe(AccessPolicy.Open, Anna, "$SYS/#").Allows.ShouldBeFalse();
        Subscribe(AccessPolicy.Open, here, "$SYS/#").Allows.ShouldBeTrue();
        Subscribe(AccessPolicy.Open, Anna, "#").Allows.ShouldBeTrue("it matches nothing that begins with $");
        Subscribe(AccessBench.Rules("allow user anna subscribe $SYS/#"), Anna, "$SYS/broker/#").Allows.ShouldBeTrue();
        Publish(AccessBench.Rules("allow user anna publish $SYS/a"), Anna, "$SYS/a").ShouldBe("allow 1");
        Publish(AccessBench.OpenRules("deny anyone publish #"), Anna, "$SYS/broker/connection/bridge/state").ShouldStartWith("allow");
    }

    [Fact]
    public void Rules_that_a_client_brings_stand_before_all_others()
    {
        var client = Anna with { Rules = [new AccessRule { Filter = "a", Allows = true, Origin = AccessOrigin.Client }] };

        AccessBench.Rules("deny anyone both #").RulesOf(client).Publish("a"u8, 0, false).ToString().ShouldBe("its own rule: allow anyone to publish and subscribe to a");
    }

    [Fact]
    public void Rules_that_cannot_be_read_deny_everything_and_say_so()
    {
        var policy = AccessPolicy.Unreadable("rule 3: no");

        policy.RulesOf(Anna with { Rules = [new AccessRule { Filter = "#", Allows = true, Origin = AccessOrigin.Client }] }).Publish("a"u8, 0, false)
            .ToString().ShouldBe("the default: deny (the rules cannot be read: rule 3: no)");
        Subscribe(policy, Anna, "a").Allows.ShouldBeFalse();
        policy.RulesOf(Anna).MayReceive("a"u8).ShouldBeFalse();
    }

    [Fact]
    public void An_explanation_is_the_decision_with_the_way_to_it()
    {
        var rules = AccessBench.Rules("deny anyone subscribe a/b", "allow user anna publish a/#", "allow user anna subscribe a/#").RulesOf(Anna);

        var told = rules.Explain(new AccessQuestion(Anna, AccessAction.Subscribe, "a/#"));
        (told.Decision.Allows, told.Decision.IsCut, told.Decision.Rule.Id).ShouldBe((true, true, 3));
        told.Way.Select(step => step.Outcome).ShouldBe(["denies some of its topics, which are not delivered", "another action", "it decides"]);
        rules.Explain(new AccessQuestion(Anna, AccessAction.Publish, "b")).Way.Select(step => step.Outcome).Take(3).ShouldBe(["another action", "another topic", "another action"]);
    }

    [Theory]
    [InlineData("a/#/b")]
    [InlineData("")]
    [InlineData("a+")]
    [InlineData("a\0")]
    [InlineData("$share/g/a")]
    [InlineData("#%c")]
    public void A_filter_that_cannot_be_is_told(string filter)
    {
        AccessRule.IsValid(filter, out string? error).ShouldBeFalse();
        error.ShouldNotBeNullOrEmpty();
    }

    private static string Publish(AccessPolicy policy, ClientIdentity client, string topic)
    {
        var decision = policy.RulesOf(client).Publish(Encoding.UTF8.GetBytes(topic), QualityOfService.AtMostOnce, false);
        return $"{(decision.Allows ? "allow" : "deny")} {decision.Rule.Id}";
    }

    private static string Allowed(AccessPolicy policy, ClientIdentity client, params string[] topics) =>
        string.Join(' ', topics.Where(topic => Publish(policy, client, topic).StartsWith("allow", StringComparison.Ordinal)));

    private static AccessDecision Subscribe(AccessPolicy policy, ClientIdentity client, string filter) => policy.RulesOf(client).Subscribe(TopicFilter.Parse(filter));
}
