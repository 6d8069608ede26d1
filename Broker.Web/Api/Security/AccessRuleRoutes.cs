using System.Globalization;
using Broker.Web.Operations;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api.Security;

/// <summary>A rule of access. The first that concerns a client, an action and a topic decides.</summary>
/// <param name="Id">Its number; null for the default, which stands last.</param>
/// <param name="Position">Its place, counted from 1.</param>
/// <param name="Subject">Whom it concerns: <c>anyone</c>, <c>anonymous</c>, <c>user</c>, <c>group</c> or <c>client</c>.</param>
/// <param name="Name">The user, group or client identifier; empty for the other subjects.</param>
/// <param name="Action">What it concerns: <c>publish</c>, <c>subscribe</c> or <c>both</c>.</param>
/// <param name="Filter">The topic filter; <c>%u</c> and <c>%c</c> stand for the client's user name and identifier.</param>
/// <param name="Allows">Whether it allows or denies.</param>
/// <param name="MaximumQoS">The highest QoS that it allows.</param>
/// <param name="MayRetain">Whether it allows to publish with RETAIN.</param>
/// <param name="Note">What people note about it.</param>
/// <param name="ChangedAt">When it was changed last; null for the default.</param>
internal sealed record AccessRuleView(
    long? Id, int Position, string Subject, string Name, string Action, string Filter, bool Allows, int MaximumQoS, bool MayRetain, string Note, DateTime? ChangedAt)
{
    /// <summary>What is told of a row.</summary>
    public static AccessRuleView Of(AccessRuleRow row) =>
        new(row.Id, row.Position, row.Subject, row.Name, row.Action, row.Filter, row.Allows, row.MaximumQos, row.MayRetain, row.Note, row.ChangedAt);

    /// <summary>What is told of the last row.</summary>
    public static AccessRuleView Of(LastRow last, int position) => new(
        null, position, "anyone", "", "both", "#", last.Allows, 2, true,
        last.Source switch { DefaultSource.Configuration => "set by the configuration", DefaultSource.Operators => "set by operators", _ => "not set" }, null);
}

/// <summary>A rule to be written.</summary>
/// <param name="Subject">Whom it concerns: <c>anyone</c>, <c>anonymous</c>, <c>user</c>, <c>group</c> or <c>client</c>.</param>
/// <param name="Action">What it concerns: <c>publish</c>, <c>subscribe</c> or <c>both</c>.</param>
/// <param name="Filter">The topic filter; <c>%u</c> and <c>%c</c> stand for the client's user name and identifier.</param>
/// <param name="Allows">Whether it allows or denies.</param>
/// <param name="Name">The user, group or client identifier; empty for the other subjects.</param>
/// <param name="MaximumQoS">The highest QoS that it allows.</param>
/// <param name="MayRetain">Whether it allows to publish with RETAIN.</param>
/// <param name="Note">What people note about it.</param>
/// <param name="Position">Its place, counted from 1; null for the end, or for where it stands.</param>
internal sealed record AccessRuleRequest(
    string Subject, string Action, string Filter, bool Allows, string Name = "", int MaximumQoS = 2, bool MayRetain = true, string Note = "", int? Position = null)
{
    /// <summary>What is asked for.</summary>
    public RuleDraft Draft => new(Subject, Name, Action, Filter, Allows) { MaximumQoS = MaximumQoS, MayRetain = MayRetain, Note = Note };
}

/// <summary>The last row of the rules.</summary>
/// <param name="Allows">Whether what no rule concerns is allowed.</param>
internal sealed record AccessDefaultRequest(bool Allows);

/// <summary>The rules of access.</summary>
internal static class AccessRuleRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapAccessRules(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("/acl-rules").WithTags("Access");
        routes.MapGet("", ListAsync).RequireAuthorization(Scopes.Read).WithSummary("The rules of access in the order in which they are asked; the last is the default");
        routes.MapGet("/{id}", GetAsync).RequireAuthorization(Scopes.Read).WithSummary("A rule");
        routes.MapPost("", AddAsync).RequireAuthorization(Scopes.Admin).WithSummary("Adds a rule; subscriptions that it forbids end, and those that it grants less QoS go on with that. A dry run tells which");
        routes.MapPut("/{id}", ChangeAsync).RequireAuthorization(Scopes.Admin).WithSummary("Writes a rule anew, and moves it; subscriptions that this forbids end, and those that it grants less QoS go on with that. A dry run tells which");
        routes.MapDelete("/{id}", RemoveAsync).RequireAuthorization(Scopes.Admin).WithSummary("Removes a rule; subscriptions that this forbids end, and those that it grants less QoS go on with that. A dry run tells which");
        routes.MapPut("/default", SetDefaultAsync).RequireAuthorization(Scopes.Admin).WithSummary("Sets what becomes of what no rule concerns. A dry run tells which subscriptions end");
    }

    private static async Task<Page<AccessRuleView>> ListAsync(AccessRules rules, string? cursor, int? limit, CancellationToken cancellation)
    {
        var (most, after) = (Cursor.Limit(limit), Cursor.Number(cursor) ?? 0);
        var (rows, last) = await StoreFailures.ReadAsync(() => rules.ListAsync(cancellation));
        var items = rows.Select(AccessRuleView.Of).Concat(last is null ? [] : [AccessRuleView.Of(last, rows.Count + 1)]);
        return Cursor.PageOf([.. items.Where(item => item.Position > after).Take(most + 1)], most, view => Cursor.Of(view.Position.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<AccessRuleView> GetAsync(AccessRules rules, string id, CancellationToken cancellation) =>
        await StoreFailures.ReadAsync(() => rules.FindAsync(Number(id), cancellation)) is { } found ? AccessRuleView.Of(found) : throw new UnknownException("such rule");

    private static async Task<Results<Created<AccessRuleView>, Ok<RuleChangePreview>>> AddAsync(
        HttpContext http, AccessRules rules, RuleTrials trials, AccessRuleRequest request, bool dryRun = false)
    {
        AccessWords.Check(request.Draft);
        if (dryRun) return TypedResults.Ok(await trials.TryAsync(list => list.Add(request.Draft, request.Position), http.RequestAborted));
        var row = await rules.AddAsync(request.Draft, request.Position, Actor.Of(http), http.RequestAborted);
        return TypedResults.Created($"{ApiRegistration.Root}/acl-rules/{row.Id}", AccessRuleView.Of(row));
    }

    private static async Task<Results<Ok<AccessRuleView>, Ok<RuleChangePreview>>> ChangeAsync(
        HttpContext http, AccessRules rules, RuleTrials trials, string id, AccessRuleRequest request, bool dryRun = false)
    {
        AccessWords.Check(request.Draft);
        if (dryRun) return TypedResults.Ok(await trials.TryAsync(list => list.Change(Number(id), request.Draft, request.Position), http.RequestAborted));
        return TypedResults.Ok(AccessRuleView.Of(await rules.ChangeAsync(Number(id), request.Draft, request.Position, Actor.Of(http), http.RequestAborted)));
    }

    private static async Task<Results<NoContent, Ok<RuleChangePreview>>> RemoveAsync(HttpContext http, AccessRules rules, RuleTrials trials, string id, bool dryRun = false)
    {
        if (dryRun) return TypedResults.Ok(await trials.TryAsync(list => list.Remove(Number(id)), http.RequestAborted));
        await rules.RemoveAsync(Number(id), Actor.Of(http), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Ok<RuleChangePreview>>> SetDefaultAsync(
        HttpContext http, AccessRules rules, RuleTrials trials, AccessDefaultRequest request, bool dryRun = false)
    {
        if (dryRun) return TypedResults.Ok(await trials.TryAsync(request.Allows, http.RequestAborted));
        await rules.SetDefaultAsync(request.Allows, Actor.Of(http), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static long Number(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : throw new UnknownException("such rule");
}
