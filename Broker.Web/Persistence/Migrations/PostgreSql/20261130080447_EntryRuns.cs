using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.Migrations.PostgreSql;

/// <inheritdoc />
public partial class EntryRuns : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>(name: "run_length", table: "queue_entries", type: "integer", nullable: false, defaultValue: 1);
        migrationBuilder.Sql(EntryRunsView.PostgreSql);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => throw new NotSupportedException("The table before has a row for each entry, and no place for a row that stands for several.");
}
