using Broker.Core.Access;
using Broker.Web.Security;
using Broker.Web.Security.Access;

namespace Broker.Web.Api.Security;

/// <summary>A question about the rules of access.</summary>
/// <param name="ClientId">The client identifier.</param>
/// <param name="Action"><c>publish</c> or <c>subscribe</c>.</param>
/// <param name="Topic">The topic to publish to, or the filter to subscribe to.</param>
/// <param name="UserName">The user; null for whoever has the client's session, or for an anonymous client if there is none.</param>
/// <param name="Anonymous">Whether an anonymous client is meant, whoever has the session.</param>
/// <param name="QoS">The QoS to publish with.</param>
/// <param name="Retain">Whether it would publish with RETAIN.</param>
/// <param name="Address">Where it would connect from: an IP address, perhaps with a port.</param>
/// <param name="Local">Whether that is this machine; null to tell it by the address.</param>
internal sealed record ExplainRequest(
    string ClientId, string Action, string Topic, string? UserName = null, bool Anonymous = false, int QoS = 0, bool Retain = false, string? Address = null, bool? Local = null);

/// <summary>A rule on the way to an answer.</summary>
/// <param name="Id">Its number; null if it stands not in the list.</param>
/// <param name="Rule">The rule in words.</param>
/// <param name="Outcome">What came of it, in words.</param>
internal sealed record ExplainStep(long? Id, string Rule, string Outcome);

/// <summary>Whether something is allowed, and why.</summary>
/// <param name="Allows">Whether it is.</param>
/// <param name="RuleId">The rule that decided; null if it stands not in the list.</param>
/// <param name="Rule">That rule in words, with what else there is to say.</param>
/// <param name="IsCut">Whether some topics of the filter are denied, and left out when messages are delivered.</param>
/// <param name="ClientId">Who was asked about.</param>
/// <param name="UserName">Its user, or null.</param>
/// <param name="IsLocal">Whether it counts as a client of this machine.</param>
/// <param name="Way">The rules that were asked, in their order.</param>
internal sealed record ExplainAnswer(bool Allows, long? RuleId, string Rule, bool IsCut, string ClientId, string? UserName, bool IsLocal, IReadOnlyList<ExplainStep> Way)
{
    /// <summary>What is told of an explanation.</summary>
    public static ExplainAnswer Of(AccessExplanation told) => new(
        told.Decision.Allows, IdOf(told.Decision.Rule), told.Decision.ToString(), told.Decision.IsCut, told.Client.ClientIdentifier, told.Client.UserName, told.Client.IsLocal,
        [.. told.Way.Select(step => new ExplainStep(IdOf(step.Rule), step.Rule.ToString(), step.Outcome))]);

    private static long? IdOf(AccessRule rule) => rule.Origin == AccessOrigin.List ? rule.Id : null;
}

/// <summary>Explains the rules of access.</summary>
internal static class AccessExplainRoutes
{
    /// <summary>Maps it.</summary>
    public static void MapAccessExplain(this RouteGroupBuilder api) =>
        api.MapPost("/access:explain", Explain).RequireAuthorization(Scopes.Read).WithTags("Access").WithSummary("Whether a client may publish or subscribe, by which rule, and the way to it");

    private static ExplainAnswer Explain(AccessQuestions questions, ExplainRequest request) => ExplainAnswer.Of(questions.Explain(new AccessAsked(request.ClientId, request.Action, request.Topic)
    {
        UserName = request.UserName,
        IsAnonymous = request.Anonymous,
        QoS = request.QoS,
        Retain = request.Retain,
        Address = request.Address,
        IsLocal = request.Local,
    }));
}
