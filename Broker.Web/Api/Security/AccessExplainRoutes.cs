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

/// <summary>Explains the rules of access.</summary>
internal static class AccessExplainRoutes
{
    /// <summary>Maps it.</summary>
    public static void MapAccessExplain(this RouteGroupBuilder api) =>
        api.MapPost("/access:explain", Explain).RequireAuthorization(Scopes.Read).WithTags("Access").WithSummary("Whether a client may publish or subscribe, by which rule, and the way to it");

    private static ExplainAnswer Explain(AccessQuestions questions, ExplainRequest request) => questions.Answer(new AccessAsked(request.ClientId, request.Action, request.Topic)
    {
        UserName = request.UserName,
        IsAnonymous = request.Anonymous,
        QoS = request.QoS,
        Retain = request.Retain,
        Address = request.Address,
        IsLocal = request.Local,
    });
}
