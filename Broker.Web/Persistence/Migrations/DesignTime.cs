using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Broker.Web.Persistence.Migrations;

/// <summary>For <c>dotnet ef</c> alone, which asks for a context without a database.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteBrokerDbContext>
{
    public SqliteBrokerDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteBrokerDbContext>().UseSqlite().Options);
}

/// <summary>For <c>dotnet ef</c> alone, which asks for a context without a database.</summary>
internal sealed class PostgreSqlDesignTime : IDesignTimeDbContextFactory<PostgreSqlBrokerDbContext>
{
    public PostgreSqlBrokerDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgreSqlBrokerDbContext>().UseNpgsql().Options);
}
