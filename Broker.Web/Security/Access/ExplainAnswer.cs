using Broker.Core.Access;

namespace Broker.Web.Security.Access;

/// <summary>A rule on the way to an answer.</summary>
/// <param name="Id">Its number; null if it stands not in the list.</param>
/// <param name="Rule">The rule in words.</param>
/// <param name="Outcome">What came of it, in words.</param>
public sealed record ExplainStep(long? Id, string Rule, string Outcome);

/// <summary>Whether something is allowed, and why.</summary>
/// <param name="Allows">Whether it is.</param>
/// <param name="RuleId">The rule that decided; null if it stands not in the list.</param>
/// <param name="Rule">That rule in words, with what else there is to say.</param>
/// <param name="IsCut">Whether some topics of the filter are denied, and left out when messages are delivered.</param>
/// <param name="ClientId">Who was asked about.</param>
/// <param name="UserName">Its user, or null.</param>
/// <param name="IsLocal">Whether it counts as a client of this machine.</param>
/// <param name="Way">The rules that were asked, in their order.</param>
public sealed record ExplainAnswer(bool Allows, long? RuleId, string Rule, bool IsCut, string ClientId, string? UserName, bool IsLocal, IReadOnlyList<ExplainStep> Way)
{
    /// <summary>What is told of an explanation.</summary>
    internal static ExplainAnswer Of(AccessExplanation told) => new(
        told.Decision.Allows, IdOf(told.Decision.Rule), told.Decision.ToString(), told.Decision.IsCut, told.Client.ClientIdentifier, told.Client.UserName, told.Client.IsLocal,
        [.. told.Way.Select(step => new ExplainStep(IdOf(step.Rule), step.Rule.ToString(), step.Outcome))]);

    private static long? IdOf(AccessRule rule) => rule.Origin == AccessOrigin.List ? rule.Id : null;
}
