using System.Text.RegularExpressions;
using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Broker.Web.Persistence.History;

/// <summary>
/// Who was connected, what happened to clients, and the broker's figures over time, as tables (docs/history.md). It owns the schema and serves queries of
/// people; what comes in masses is written by prepared commands on the same tables.
/// </summary>
internal abstract partial class HistoryDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>Where the migrations that were applied are noted: on PostgreSQL the store has its own such table in the same database.</summary>
    public const string MigrationsTable = "history_migrations";

    public DbSet<ClientPresenceRow> Presence => Set<ClientPresenceRow>();

    public DbSet<ClientEventRow> Events => Set<ClientEventRow>();

    public DbSet<StatisticRow> Statistics => Set<StatisticRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(HistoryDbContext).Assembly, type => type.Namespace == typeof(ClientPresenceMapping).Namespace);
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

/// <summary>The tables in a SQLite file of their own, so that history never waits for the journal or holds it up.</summary>
internal sealed class SqliteHistoryDbContext(DbContextOptions<SqliteHistoryDbContext> options) : HistoryDbContext(options);

/// <summary>The tables in the broker's PostgreSQL database.</summary>
internal sealed class PostgreSqlHistoryDbContext(DbContextOptions<PostgreSqlHistoryDbContext> options) : HistoryDbContext(options);
