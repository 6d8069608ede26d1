using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.History.Migrations.PostgreSql;

/// <inheritdoc />
public partial class EventKinds : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateIndex(
            name: "ix_client_events_kind",
            table: "client_events",
            columns: new[] { "kind", "id" });
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropIndex(
            name: "ix_client_events_kind",
            table: "client_events");
    }
}
