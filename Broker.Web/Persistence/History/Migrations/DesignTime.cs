using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Broker.Web.Persistence.History.Migrations;

/// <summary>For <c>dotnet ef</c> alone, which asks for a context without a database.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteHistoryDbContext>
{
    public SqliteHistoryDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteHistoryDbContext>().UseSqlite(sqlite => sqlite.MigrationsHistoryTable(HistoryDbContext.MigrationsTable)).Options);
}

/// <summary>For <c>dotnet ef</c> alone, which asks for a context without a database.</summary>
internal sealed class PostgreSqlDesignTime : IDesignTimeDbContextFactory<PostgreSqlHistoryDbContext>
{
    public PostgreSqlHistoryDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgreSqlHistoryDbContext>().UseNpgsql(postgres => postgres.MigrationsHistoryTable(HistoryDbContext.MigrationsTable)).Options);
}
