using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>Whether something is allowed, and which rule said so.</summary>
/// <param name="Allows">Whether it is.</param>
/// <param name="Rule">The rule that decided.</param>
public sealed record AccessDecision(bool Allows, AccessRule Rule)
{
    /// <summary>What the rule alone does not tell, such as that a QoS is above its limit; else empty.</summary>
    public string Why { get; init; } = "";

    /// <summary>Whether a rule forbids some of the topics of the filter: every delivery is checked again.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether a rule denies it, and not merely none allows it.</summary>
    public bool IsDeniedByRule => !Allows && Rule.IsMade;

    /// <summary>The rule in words, with what else there is to say.</summary>
    public override string ToString() => Why.Length == 0 ? Rule.ToString() : $"{Rule} ({Why})";
}

/// <summary>One rule on the way to a decision.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">What came of it, in words: <c>it decides</c>, <c>another topic</c>.</param>
public sealed record AccessStep(AccessRule Rule, string Outcome);

/// <summary>A decision with the whole way to it.</summary>
/// <param name="Client">Who was asked about.</param>
/// <param name="Action">What it would do.</param>
/// <param name="Topic">The topic, or the filter of a subscription.</param>
/// <param name="Decision">The decision.</param>
/// <param name="Way">The rules in their order, up to the one that decided.</param>
public sealed record AccessExplanation(ClientIdentity Client, AccessAction Action, string Topic, AccessDecision Decision, IReadOnlyList<AccessStep> Way);

/// <summary>What a client would do.</summary>
/// <param name="Client">Who.</param>
/// <param name="Action"><see cref="AccessAction.Publish"/>, or <see cref="AccessAction.Subscribe"/> to a filter.</param>
/// <param name="Topic">A valid topic name to publish to, or a valid filter, perhaps shared, to subscribe to.</param>
public sealed record AccessQuestion(ClientIdentity Client, AccessAction Action, string Topic)
{
    /// <summary>The QoS to publish with.</summary>
    public QualityOfService QoS { get; init; }

    /// <summary>Whether it publishes with RETAIN.</summary>
    public bool Retain { get; init; }
}
