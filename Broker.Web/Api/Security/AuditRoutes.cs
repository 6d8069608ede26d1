using System.Globalization;
using Broker.Web.Operations;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;

namespace Broker.Web.Api.Security;

/// <summary>A record of the audit.</summary>
/// <param name="Id">Its number; later ones are higher.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who: an account, an API key, or <c>configuration</c>.</param>
/// <param name="Address">Where the request came from, or null.</param>
/// <param name="Action">What was done.</param>
/// <param name="Target">To what.</param>
/// <param name="Detail">What else there is to say, or null.</param>
internal sealed record AuditView(long Id, DateTime At, string Actor, string? Address, string Action, string Target, string? Detail)
{
    /// <summary>What is told of a row.</summary>
    public static AuditView Of(AuditRow row) => new(row.Id, row.At, row.Actor, row.Address, row.Action, row.Target, row.Detail);
}

/// <summary>Who changed what.</summary>
internal static class AuditRoutes
{
    /// <summary>Maps it.</summary>
    public static void MapAudit(this RouteGroupBuilder api) =>
        api.MapGet("/audit", ListAsync).RequireAuthorization(Scopes.Admin).WithTags("Audit").WithSummary("Who changed what, the newest first");

    private static async Task<Page<AuditView>> ListAsync(AuditTrail audit, string? actor, string? action, string? target, string? cursor, int? limit, CancellationToken cancellation)
    {
        var (most, before) = (Cursor.Limit(limit), Cursor.Number(cursor));
        var rows = await StoreFailures.ReadAsync(() => audit.ReadAsync(new AuditFilter(actor, action, target), before, most + 1, cancellation));
        return Cursor.PageOf([.. rows.Select(AuditView.Of)], most, view => Cursor.Of(view.Id.ToString(CultureInfo.InvariantCulture)));
    }
}
