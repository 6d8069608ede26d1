using Broker.Web.Persistence.Model;
using Broker.Web.Persistence.Model.Identity;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence;

/// <summary>
/// What the broker keeps, as tables (docs/schema.md). It owns the schema and serves queries of people; the path of a message uses prepared commands on the
/// same tables.
/// </summary>
internal abstract class BrokerDbContext(DbContextOptions options) : TablesDbContext(options, typeof(SessionMapping))
{
    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<SubscriptionRow> Subscriptions => Set<SubscriptionRow>();

    public DbSet<QueueEntryRow> QueueEntries => Set<QueueEntryRow>();

    public DbSet<MessageRow> Messages => Set<MessageRow>();

    public DbSet<QueuedMessageRow> QueuedMessages => Set<QueuedMessageRow>();

    public DbSet<InboundIdentifierRow> InboundIdentifiers => Set<InboundIdentifierRow>();

    public DbSet<WillRow> Wills => Set<WillRow>();

    public DbSet<RetainedMessageRow> RetainedMessages => Set<RetainedMessageRow>();

    public DbSet<StoreOwnerRow> StoreOwner => Set<StoreOwnerRow>();

    public DbSet<AdministratorRow> Administrators => Set<AdministratorRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<AccessRuleRow> AccessRules => Set<AccessRuleRow>();

    public DbSet<SettingRow> Settings => Set<SettingRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<AnsweredRequestRow> AnsweredRequests => Set<AnsweredRequestRow>();

    public DbSet<DataProtectionKeyRow> DataProtectionKeys => Set<DataProtectionKeyRow>();

    public DbSet<UserRow> Users => Set<UserRow>();

    public DbSet<TokenRow> Tokens => Set<TokenRow>();

    public DbSet<RevisionRow> Revisions => Set<RevisionRow>();

    /// <summary>What a setting is now, or null where there is none.</summary>
    public Task<string?> SettingAsync(string name, CancellationToken cancellation) =>
        Settings.Where(row => row.Name == name).Select(row => (string?)row.Value).FirstOrDefaultAsync(cancellation);
}

/// <summary>The tables in a SQLite file.</summary>
internal sealed class SqliteBrokerDbContext(DbContextOptions<SqliteBrokerDbContext> options) : BrokerDbContext(options);

/// <summary>The tables in a PostgreSQL database.</summary>
internal sealed class PostgreSqlBrokerDbContext(DbContextOptions<PostgreSqlBrokerDbContext> options) : BrokerDbContext(options);
