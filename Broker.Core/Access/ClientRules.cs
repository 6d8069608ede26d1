using System.Text;
using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>
/// What one policy says for one client: the rules that concern it, with its names in them. Enforcing and explaining are the same walk over them. Immutable;
/// clients that no rule tells apart share one.
/// </summary>
public sealed class ClientRules
{
    /// <summary>Stands for all topics that begin with $, in the rule that is built in.</summary>
    internal const string Reserved = "$…";

    private readonly CompiledRule[] rules;
    private readonly AccessDecision byDefault;

    internal ClientRules(AccessPolicy policy, CompiledRule[] rules)
    {
        Policy = policy;
        this.rules = rules;
        CanDenyDeliveries = Array.Exists(rules, rule => !rule.Allows && rule.Concerns(AccessAction.Subscribe) && rule.Rule.Origin != AccessOrigin.BuiltIn);
        CanLowerQoS = Array.Exists(rules, rule => rule.Allows && rule.Concerns(AccessAction.Subscribe) && rule.Rule.MaximumQoS < QualityOfService.ExactlyOnce);
        IsOpenToPublish = Array.TrueForAll(rules, rule => rule.Rule.Origin == AccessOrigin.BuiltIn || !rule.Concerns(AccessAction.Publish) || rule.Rule == policy.Default)
            && policy.Default.Allows;
        byDefault = new AccessDecision(policy.Default.Allows, policy.Default);
    }

    /// <summary>The policy that they are of.</summary>
    public AccessPolicy Policy { get; }

    /// <summary>Whether there can be a delivery that they deny.</summary>
    public bool CanDenyDeliveries { get; }

    /// <summary>Whether there can be a subscription that they grant less QoS than was asked for.</summary>
    public bool CanLowerQoS { get; }

    /// <summary>Whether every topic that does not begin with $ may be published to.</summary>
    public bool IsOpenToPublish { get; }

    /// <summary>Whether the client may publish.</summary>
    /// <param name="topic">The topic, in UTF-8.</param>
    /// <param name="qos">The QoS.</param>
    /// <param name="retain">Whether RETAIN is set.</param>
    /// <param name="way">Takes the rules on the way, if somebody wants to know.</param>
    public AccessDecision Publish(ReadOnlySpan<byte> topic, QualityOfService qos, bool retain, List<AccessStep>? way = null)
    {
        if (way is null && IsOpenToPublish && !TopicName.IsReserved(topic)) return byDefault;
        var found = Find(AccessAction.Publish, topic, way);
        if (!found.Allows) return Decide(found, false, found.Why, way);
        if (qos > found.Rule.MaximumQoS) return Decide(found, false, $"QoS {(int)qos} is above its limit", way);
        return retain && !found.Rule.MayRetain ? Decide(found, false, "it does not allow RETAIN", way) : Decide(found, true, "", way);
    }

    /// <summary>Whether a message may be delivered to the client.</summary>
    /// <param name="topic">The topic, in UTF-8.</param>
    public bool MayReceive(ReadOnlySpan<byte> topic) => Find(AccessAction.Subscribe, topic, null).Allows;

    /// <summary>Whether a rule denies a topic, and not merely none allows it.</summary>
    /// <param name="action">What the client would do.</param>
    /// <param name="topic">The topic, in UTF-8.</param>
    public bool DeniesByRule(AccessAction action, ReadOnlySpan<byte> topic) =>
        Find(action, topic, null) is { Allows: false, Rule.IsMade: true };

    /// <summary>
    /// Whether the client may subscribe: a rule that allows must cover the whole filter, and none before it may deny all of it. A rule before it that denies
    /// a part cuts into the subscription.
    /// </summary>
    /// <param name="filter">The filter; a shared one is checked as the filter that it shares.</param>
    /// <param name="way">Takes the rules on the way, if somebody wants to know.</param>
    public AccessDecision Subscribe(TopicFilter filter, List<AccessStep>? way = null)
    {
        if (filter.ShareName is not null) filter = TopicFilter.Parse(filter.Filter);
        bool cut = false;
        foreach (var rule in rules)
        {
            if (!rule.Concerns(AccessAction.Subscribe)) way?.Add(new AccessStep(rule.Rule, "another action"));
            else if (rule.Covers(filter)) return Decide(rule, rule.Allows, rule.Why, way) with { IsCut = cut };
            else if (!rule.Overlaps(filter)) way?.Add(new AccessStep(rule.Rule, "other topics"));
            else if (rule.Allows) way?.Add(new AccessStep(rule.Rule, "allows only some of its topics, so not the subscription"));
            else
            {
                cut = true;
                way?.Add(new AccessStep(rule.Rule, "denies some of its topics, which are not delivered"));
            }
        }
        throw new InvalidOperationException("the last rule concerns everything");
    }

    /// <summary>Answers a question with the whole way to the answer.</summary>
    public AccessExplanation Explain(AccessQuestion question)
    {
        var way = new List<AccessStep>();
        var decision = question.Action == AccessAction.Publish
            ? Publish(Encoding.UTF8.GetBytes(question.Topic), question.QoS, question.Retain, way)
            : Subscribe(TopicFilter.Parse(question.Topic), way);
        return new AccessExplanation(question.Client, question.Action, question.Topic, decision, way);
    }

    private CompiledRule Find(AccessAction action, ReadOnlySpan<byte> topic, List<AccessStep>? way)
    {
        foreach (var rule in rules)
        {
            bool concerns = rule.Concerns(action);
            if (concerns && rule.Matches(topic)) return rule;
            way?.Add(new AccessStep(rule.Rule, concerns ? "another topic" : "another action"));
        }
        throw new InvalidOperationException("the last rule concerns everything");
    }

    private AccessDecision Decide(CompiledRule rule, bool allows, string why, List<AccessStep>? way)
    {
        way?.Add(new AccessStep(rule.Rule, "it decides"));
        if (Policy.Trouble is { } trouble) why = $"the rules cannot be read: {trouble}";
        return new AccessDecision(allows, rule.Rule) { Why = why };
    }
}
