using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Broker.Web.Persistence.Migrations;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>
/// Keeps everything in one SQLite file. The journal's thread writes on one connection, in WAL mode with <c>synchronous=FULL</c>: a commit returns when the disk
/// has it. Readers have connections of their own, which never wait for it nor hold it up.
/// </summary>
internal sealed class SqliteStore(string path, StorageOptions options, TimeProvider time) : IBrokerStore
{
    private const int PageSize = 4_096, SweepRows = 2_000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly SqliteFile file = new(path);
    private readonly SqliteReaders readers = new(path);
    private readonly FreeDisk disk = new(path, options.FreeDiskBytes, time);
    private readonly ReferenceChanges changes = new(new MessageReferences());
    private readonly Leftovers leftovers = new();
    private readonly BatchPlan plan = new();
    private OwnerLock? ownerLock;
    private SqliteCheckpoints? checkpoints;
    private SqliteOwner? owner; // null while the store is away
    private long epoch, inDoubt;

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public async Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation)
    {
        file.PrepareFolder();
        await OwnAsync(report, cancellation).ConfigureAwait(false);
        while (true)
        {
            try
            {
                return await Task.Run(() => OpenOwnedAsync(cancellation), cancellation).ConfigureAwait(false);
            }
            catch (SqliteException damage) when (damage.IsDamage())
            {
                throw file.RefuseDamaged(damage.Message, damage);
            }
            catch (SqliteException outage) when (outage.IsOutage())
            {
                report(outage.ToUnavailable(path).Message);
            }
            await Task.Delay(RetryAfter, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Commit(StoreBatch batch)
    {
        disk.Check();
        plan.Make(batch);
        Transact(batch.Number, owner => owner.Writer.Write(plan, changes));
        leftovers.Add(plan);
        plan.Clear();
    }

    /// <inheritdoc/>
    public bool Sweep()
    {
        if (!leftovers.Any) return false;
        int done = 0;
        Transact(null, owner =>
        {
            done = owner.Sweep.Delete(leftovers.Next(SweepRows), SweepRows, changes);
            owner.Writer.DeleteUnreferenced(changes);
        });
        leftovers.Remove(done);
        return leftovers.Any;
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes) =>
        readers.Read(reader => reader.Entries(session, from, upTo, most, mostBytes));

    /// <inheritdoc/>
    public IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics) =>
        readers.Read(reader => topics.Select(reader.Retained).ToArray());

    /// <inheritdoc/>
    public void Dispose()
    {
        readers.Dispose();
        checkpoints?.Dispose();
        checkpoints = null;
        owner?.Dispose();
        ownerLock?.Dispose();
    }

    private async Task OwnAsync(Action<string> report, CancellationToken cancellation)
    {
        while ((ownerLock ??= file.TryOwn()) is null)
        {
            report($"another process owns {path} ({path}.lock names it); waiting to take over");
            await Task.Delay(RetryAfter, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<StoredState> OpenOwnedAsync(CancellationToken cancellation)
    {
        if (file.Check()) await MigrateAsync(cancellation).ConfigureAwait(false);
        var taken = new SqliteOwner(path);
        try
        {
            var state = taken.Take(time.GetUtcNow(), new Recovery(changes.Counted, leftovers), options.RetainedCacheBytes);
            (owner, epoch) = (taken, taken.Epoch);
            checkpoints = new SqliteCheckpoints(path);
            return state;
        }
        finally
        {
            if (owner is null) taken.Dispose();
        }
    }

    private async Task MigrateAsync(CancellationToken cancellation)
    {
        Failpoints.Reached(Failpoint.Migration);
        file.Create(PageSize);
        var connection = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        await using var context = new SqliteBrokerDbContext(new DbContextOptionsBuilder<SqliteBrokerDbContext>().UseSqlite(connection.ToString()).Options);
        // No other process is at work, as this one owns the store: a lock that is there was left behind by one that was killed, and would be waited for for ever.
        await context.Database.ExecuteSqlRawAsync($"DROP TABLE IF EXISTS \"{Schema.LockTable}\"", cancellation).ConfigureAwait(false);
        context.AddHashFunctions();
        await context.Database.MigrateAsync(cancellation).ConfigureAwait(false);
    }

    // A transaction whose end was not heard of may have been committed: the number of its batch tells. What it did to the references is still known then.
    private void Transact(long? batch, Action<SqliteOwner> work)
    {
        try
        {
            owner ??= SqliteOwner.Resume(path, epoch);
            if (batch is null || inDoubt != batch || owner.LastBatch() != batch)
            {
                changes.Clear();
                inDoubt = batch ?? 0;
                owner.Begin(batch);
                work(owner);
                owner.Commit();
                checkpoints?.Committed(owner);
            }
            inDoubt = 0;
            changes.Apply();
        }
        catch (SqliteException outage) when (outage.IsOutage())
        {
            owner?.Dispose(); // which takes the transaction back; the next attempt opens the file anew
            owner = null;
            checkpoints?.Reopened();
            throw outage.ToUnavailable(path);
        }
        catch
        {
            owner?.Rollback();
            inDoubt = 0;
            throw;
        }
    }
}
