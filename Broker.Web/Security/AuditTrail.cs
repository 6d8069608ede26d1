using Broker.Core.Storage;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security;

/// <summary>Which rows of the audit are wanted; each text is looked for as it stands, whatever its case, anywhere in its column.</summary>
internal sealed record AuditFilter(string? Actor = null, string? Action = null, string? Target = null);

/// <summary>Who changed what, the newest first.</summary>
internal sealed class AuditTrail(IDbContextFactory<BrokerDbContext> tables, TimeProvider time, AdminOptions options)
{
    private const int TrimRows = 10_000;

    /// <summary>A page of rows.</summary>
    /// <param name="filter">Which are wanted.</param>
    /// <param name="before">Only rows older than the one with this id; null for the newest.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<AuditRow>> ReadAsync(AuditFilter filter, long? before, int limit, CancellationToken cancellation)
    {
        await using var context = tables.CreateDbContext();
        var rows = context.Audit.AsNoTracking();
        if (before is not null) rows = rows.Where(row => row.Id < before);
        if (filter.Actor is { Length: > 0 } actor) rows = rows.Where(row => row.Actor.ToLower().Contains(actor.ToLower()));
        if (filter.Action is { Length: > 0 } action) rows = rows.Where(row => row.Action.ToLower().Contains(action.ToLower()));
        if (filter.Target is { Length: > 0 } target) rows = rows.Where(row => row.Target.ToLower().Contains(target.ToLower()));
        return await rows.OrderByDescending(row => row.Id).Take(limit).ToListAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes rows that are too old, and the oldest where there are too many.</summary>
    public async Task TrimAsync(CancellationToken cancellation)
    {
        await using var context = tables.CreateDbContext();
        var newest = await context.Audit.MaxAsync(row => (long?)row.Id, cancellation).ConfigureAwait(false) ?? 0;
        var oldest = time.GetUtcNow().UtcDateTime - options.AuditAge;
        var last = newest - options.AuditRows;
        while (true)
        {
            var gone = await context.Audit.OrderBy(row => row.Id).Take(TrimRows).Where(row => row.Id <= last || row.At < oldest).Select(row => row.Id).ToListAsync(cancellation).ConfigureAwait(false);
            if (gone.Count == 0) return;
            await context.Audit.Where(row => row.Id <= gone[gone.Count - 1]).ExecuteDeleteAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The row of a record.</summary>
    public static AuditRow Row(AuditRecorded record) => new()
    {
        At = DateTimeOffset.FromUnixTimeMilliseconds(record.At).UtcDateTime,
        Actor = record.Actor,
        Address = record.Address,
        Action = record.Action,
        Target = record.Target,
        Detail = record.Detail,
    };
}
