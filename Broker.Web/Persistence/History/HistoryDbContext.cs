using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence.History;

/// <summary>
/// Who was connected, what happened to clients, and the broker's figures over time, as tables (docs/history.md). It owns the schema and serves queries of
/// people; what comes in masses is written by prepared commands on the same tables.
/// </summary>
internal abstract class HistoryDbContext(DbContextOptions options) : TablesDbContext(options, typeof(ClientPresenceMapping))
{
    /// <summary>Where the migrations that were applied are noted: on PostgreSQL the store has its own such table in the same database.</summary>
    public const string MigrationsTable = "history_migrations";

    public DbSet<ClientPresenceRow> Presence => Set<ClientPresenceRow>();

    public DbSet<ClientEventRow> Events => Set<ClientEventRow>();

    public DbSet<StatisticRow> Statistics => Set<StatisticRow>();
}

/// <summary>The tables in a SQLite file of their own, so that history never waits for the journal or holds it up.</summary>
internal sealed class SqliteHistoryDbContext(DbContextOptions<SqliteHistoryDbContext> options) : HistoryDbContext(options);

/// <summary>The tables in the broker's PostgreSQL database.</summary>
internal sealed class PostgreSqlHistoryDbContext(DbContextOptions<PostgreSqlHistoryDbContext> options) : HistoryDbContext(options);
