using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.Migrations.PostgreSql;

/// <inheritdoc />
public partial class KeyedHashes : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(HashUpgrade.PostgreSql);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => throw new NotSupportedException("From a keyed hash nobody finds the hash that it was made of.");
}
