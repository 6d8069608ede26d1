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

    /// <summary>
    /// Of each figure and hour the highest mean: the last one of what only counts up, and of everything else the peak that another mean would hide. The database finds it: of
    /// thirty days 8,640 rows a figure would come otherwise.
    /// </summary>
    public abstract IQueryable<StatisticRow> Hours(DateTime from, DateTime until);
}

/// <summary>The tables in a SQLite file of their own, so that history never waits for the journal or holds it up.</summary>
internal sealed class SqliteHistoryDbContext(DbContextOptions<SqliteHistoryDbContext> options) : HistoryDbContext(options)
{
    /// <inheritdoc/>
    public override IQueryable<StatisticRow> Hours(DateTime from, DateTime until) => Statistics.FromSql($"""
        SELECT name, resolution, substr(at, 1, 13) || ':00:00' AS at, max(value) AS value FROM statistics
        WHERE resolution = {HistoryUpkeep.Coarse} AND at >= {from} AND at <= {until} GROUP BY 1, 2, 3
        """);
}

/// <summary>The tables in the broker's PostgreSQL database.</summary>
internal sealed class PostgreSqlHistoryDbContext(DbContextOptions<PostgreSqlHistoryDbContext> options) : HistoryDbContext(options)
{
    /// <inheritdoc/>
    public override IQueryable<StatisticRow> Hours(DateTime from, DateTime until) => Statistics.FromSql($"""
        SELECT name, resolution, date_trunc('hour', at, 'UTC') AS at, max(value) AS value FROM statistics
        WHERE resolution = {HistoryUpkeep.Coarse} AND at >= {from} AND at <= {until} GROUP BY 1, 2, 3
        """);
}
