using Broker.Core.Storage;
using Broker.Web.Configuration;
using Broker.Web.Persistence;
using Broker.Web.Security;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations;

/// <summary>
/// Makes changes of the broker's state, each with its record for the audit: both are committed together by the journal. With the provider <c>Memory</c> there is no
/// journal, and the record is written after the change.
/// </summary>
internal sealed class Changes(IDbContextFactory<BrokerDbContext> tables, HostSettings settings, TimeProvider time)
{
    /// <summary>Makes a change.</summary>
    /// <param name="by">Who asks for it.</param>
    /// <param name="action">What is done, a verb and a noun.</param>
    /// <param name="target">To what.</param>
    /// <param name="detail">What else there is to say, or null.</param>
    /// <param name="change">Makes it and has its record committed with it; gives back false or null where there was nothing to change.</param>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public async Task<T> MakeAsync<T>(Actor by, string action, string target, string? detail, Func<AuditRecorded, Task<T>> change)
    {
        var record = by.Did(time.GetUtcNow(), action, target, detail);
        try
        {
            var result = await change(record);
            if (settings.Storage.Provider == StorageProvider.Memory && result is not (null or false)) await WriteAsync(record);
            return result;
        }
        catch (StoreUnavailableException away)
        {
            throw new UnavailableException($"the store is away: {away.Message}", away);
        }
    }

    private async Task WriteAsync(AuditRecorded record)
    {
        await using var context = await tables.CreateDbContextAsync();
        context.Audit.Add(AuditTrail.Row(record));
        await context.SaveChangesAsync();
    }
}
