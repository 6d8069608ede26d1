using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence.History;

/// <summary>
/// The tables of the history in one database. One caller at a time; nothing here is on the path of a message. Every failure but a refusal
/// (<see cref="IsRefusal"/>) may pass: the same is tried again later.
/// </summary>
internal abstract class HistoryStore : IAsyncDisposable
{
    private const string Unexpected = "the broker ended without telling anybody";

    /// <summary>Where it is, for an operator.</summary>
    public abstract string Place { get; }

    /// <summary>A context on the tables, for whoever reads them and for upkeep.</summary>
    public abstract HistoryDbContext CreateContext();

    /// <summary>Brings the tables up to date and, at first, closes what an earlier process left as connected. Only for the process that owns the broker's store.</summary>
    /// <returns>The number of the last event.</returns>
    public Task<long> OpenAsync(DateTime now, bool first, CancellationToken cancellation) => OffPoolAsync(async () =>
    {
        await PrepareAsync(cancellation);
        await using var context = CreateContext();
        var known = context.Database.GetMigrations().ToHashSet();
        if ((await context.Database.GetAppliedMigrationsAsync(cancellation)).FirstOrDefault(applied => !known.Contains(applied)) is { } newer)
            throw new NotSupportedException($"a newer version of the broker made it ({newer}); start that version, or move it away");
        await context.Database.MigrateAsync(cancellation);
        long last = await context.Events.MaxAsync(row => (long?)row.Id, cancellation) ?? 0;
        if (!first) return last;
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        last += await context.Database.ExecuteSqlAsync($"""
            INSERT INTO client_events (id, at, client_key, kind, ended_by, client_identifier, address, detail)
            SELECT {last} + row_number() OVER (ORDER BY connected_at, client_key), {now}, client_key, 'disconnected', 'server', client_identifier, address, {Unexpected}
            FROM client_presence WHERE disconnected_at IS NULL
            """, cancellation);
        await context.Presence.Where(row => row.DisconnectedAt == null).ExecuteUpdateAsync(
            row => row.SetProperty(it => it.DisconnectedAt, now).SetProperty(it => it.EndedBy, "server").SetProperty(it => it.Reason, Unexpected), cancellation);
        await transaction.CommitAsync(cancellation);
        return last;
    });

    /// <summary>Writes a batch in one transaction.</summary>
    public Task WriteAsync(HistoryBatch batch, CancellationToken cancellation) => OffPoolAsync(async () =>
    {
        await WriteRowsAsync(batch, cancellation);
        return batch.Rows;
    });

    /// <summary>Runs upkeep on a context.</summary>
    public Task<T> UseAsync<T>(Func<HistoryDbContext, Task<T>> work) => OffPoolAsync(async () =>
    {
        await using var context = CreateContext();
        return await work(context);
    });

    /// <summary>Whether the database will never take what it was given: one of its rows is to blame.</summary>
    public abstract bool IsRefusal(Exception failure);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes sure that the database can be migrated.</summary>
    protected abstract Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Writes a batch in one transaction.</summary>
    protected abstract Task WriteRowsAsync(HistoryBatch batch, CancellationToken cancellation);

    /// <summary>Runs work that may hold its thread for as long as a disk takes: a database in a file knows no other way of waiting.</summary>
    protected virtual Task<T> OffPoolAsync<T>(Func<Task<T>> work) => work();
}
