using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.Migrations.PostgreSql;

/// <inheritdoc />
public partial class AnsweredRequests : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "answered_requests",
            columns: table => new
            {
                key = table.Column<string>(type: "text", nullable: false),
                at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                request = table.Column<string>(type: "text", nullable: false),
                matched = table.Column<int>(type: "integer", nullable: false),
                persisted = table.Column<bool>(type: "boolean", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_answered_requests", x => x.key);
            });

        migrationBuilder.CreateIndex(
            name: "ix_answered_requests_at",
            table: "answered_requests",
            column: "at");
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(
            name: "answered_requests");
    }
}
