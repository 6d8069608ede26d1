using System.Text.RegularExpressions;
using Broker.Web.Persistence.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Broker.Web.Persistence;

/// <summary>
/// What the broker keeps, as tables (docs/schema.md). It owns the schema and serves queries of people; the path of a message uses prepared commands on the
/// same tables.
/// </summary>
internal abstract partial class BrokerDbContext(DbContextOptions options) : DbContext(options)
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

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(BrokerDbContext).Assembly, type => type.Namespace == typeof(SessionMapping).Namespace);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties()) property.SetColumnName(WordStart().Replace(property.Name, "_$0").ToLowerInvariant());
            entity.FindPrimaryKey()?.SetName("pk_" + entity.GetTableName());
        }
    }

    // SQLite knows no time zones and gives back a time of no kind: all of ours are UTC.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();

    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(time => time, time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}

/// <summary>The tables in a SQLite file.</summary>
internal sealed class SqliteBrokerDbContext(DbContextOptions<SqliteBrokerDbContext> options) : BrokerDbContext(options);

/// <summary>The tables in a PostgreSQL database.</summary>
internal sealed class PostgreSqlBrokerDbContext(DbContextOptions<PostgreSqlBrokerDbContext> options) : BrokerDbContext(options);
