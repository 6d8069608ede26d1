using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.History.Migrations.PostgreSql;

/// <inheritdoc />
public partial class Initial : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "client_events",
            columns: table => new
            {
                id = table.Column<long>(type: "bigint", nullable: false),
                at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                client_key = table.Column<long>(type: "bigint", nullable: false),
                count = table.Column<long>(type: "bigint", nullable: true),
                reason_code = table.Column<short>(type: "smallint", nullable: true),
                kind = table.Column<string>(type: "text", nullable: false),
                ended_by = table.Column<string>(type: "text", nullable: true),
                client_identifier = table.Column<string>(type: "text", nullable: false),
                address = table.Column<string>(type: "text", nullable: true),
                detail = table.Column<string>(type: "text", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_client_events", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "client_presence",
            columns: table => new
            {
                client_key = table.Column<long>(type: "bigint", nullable: false),
                connected_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                disconnected_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                packets_received = table.Column<long>(type: "bigint", nullable: false),
                packets_sent = table.Column<long>(type: "bigint", nullable: false),
                publish_received = table.Column<long>(type: "bigint", nullable: false),
                publish_sent = table.Column<long>(type: "bigint", nullable: false),
                bytes_received = table.Column<long>(type: "bigint", nullable: false),
                bytes_sent = table.Column<long>(type: "bigint", nullable: false),
                reason_code = table.Column<short>(type: "smallint", nullable: true),
                ended_by = table.Column<string>(type: "text", nullable: true),
                reason = table.Column<string>(type: "text", nullable: true),
                client_identifier = table.Column<string>(type: "text", nullable: false),
                user_name = table.Column<string>(type: "text", nullable: true),
                address = table.Column<string>(type: "text", nullable: true),
                listener = table.Column<string>(type: "text", nullable: false),
                protocol = table.Column<string>(type: "text", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_client_presence", x => x.client_key);
            });

        migrationBuilder.CreateTable(
            name: "statistics",
            columns: table => new
            {
                name = table.Column<string>(type: "text", nullable: false),
                resolution = table.Column<short>(type: "smallint", nullable: false),
                at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                value = table.Column<double>(type: "double precision", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_statistics", x => new { x.name, x.resolution, x.at });
            });

        migrationBuilder.CreateIndex(
            name: "ix_client_events_at",
            table: "client_events",
            column: "at");

        migrationBuilder.CreateIndex(
            name: "ix_client_events_client_key",
            table: "client_events",
            columns: new[] { "client_key", "id" });

        migrationBuilder.CreateIndex(
            name: "ix_client_presence_connected_at",
            table: "client_presence",
            columns: new[] { "connected_at", "client_key" });

        migrationBuilder.CreateIndex(
            name: "ix_client_presence_disconnected_at",
            table: "client_presence",
            columns: new[] { "disconnected_at", "client_key" });
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(
            name: "client_events");

        migrationBuilder.DropTable(
            name: "client_presence");

        migrationBuilder.DropTable(
            name: "statistics");
    }
}
