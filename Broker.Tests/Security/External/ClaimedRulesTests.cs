using System.Text.Json;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Security.External;

namespace Broker.Tests.Security.External;

/// <summary>Rules that a token or a hook brings: what is not understood counts as an error, never as nothing.</summary>
public sealed class ClaimedRulesTests
{
    [Fact]
    public void A_rule_is_read_with_its_limits() =>
        Read("""[{"permission": "allow", "action": "publish", "topic": "a/%u/#", "qos": 0, "retain": false}]""").ShouldBe(
            [new AccessRule { Allows = true, Action = AccessAction.Publish, Filter = "a/%u/#", MaximumQoS = QualityOfService.AtMostOnce, MayRetain = false, Origin = AccessOrigin.Client }]);

    [Theory]
    [InlineData("{}", "no array")]
    [InlineData("[1]", "no object")]
    [InlineData("""[{"action": "all", "topic": "a"}]""", "no permission")]
    [InlineData("""[{"permission": "allow", "topic": "a"}]""", "no action")]
    [InlineData("""[{"permission": "allow", "action": "all"}]""", "no topic")]
    [InlineData("""[{"permission": "Allow", "action": "all", "topic": "a"}]""", "permission")]
    [InlineData("""[{"permission": "allow", "action": "pub", "topic": "a"}]""", "action")]
    [InlineData("""[{"permission": "allow", "action": "all", "topic": "a/#/b"}]""", "no filter")]
    [InlineData("""[{"permission": "allow", "action": "all", "topic": "$share/g/a"}]""", "no filter")]
    [InlineData("""[{"permission": "allow", "action": "all", "topic": "a", "qos": 3}]""", "qos")]
    [InlineData("""[{"permission": "allow", "action": "all", "topic": "a", "retain": 0}]""", "retain")]
    [InlineData("""[{"permission": "allow", "action": "all", "topic": "a", "retian": false}]""", "retian")]
    [InlineData("""[{"permission": "deny", "action": "all", "topic": "a", "qos": 1}]""", "this one denies")]
    [InlineData("""[{"permission": "allow", "action": "all", "topic": "a"}, {"topic": ""}]""", "rule 2")]
    public void A_rule_that_is_not_understood_is_an_error(string json, string why)
    {
        using var document = JsonDocument.Parse(json);

        ClaimedRules.TryRead(document.RootElement, out _, out string? error).ShouldBeFalse();
        error!.ShouldContain(why);
    }

    [Fact]
    public void There_are_at_most_a_thousand()
    {
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat("1", 1_001))}]");

        ClaimedRules.TryRead(document.RootElement, out _, out string? error).ShouldBeFalse();
        error!.ShouldContain("more than");
    }

    private static IReadOnlyList<AccessRule> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return ClaimedRules.TryRead(document.RootElement, out var rules, out string? error) ? rules : throw new InvalidOperationException(error);
    }
}
