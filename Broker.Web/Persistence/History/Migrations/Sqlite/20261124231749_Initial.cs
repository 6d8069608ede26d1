using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.History.Migrations.Sqlite;

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
                id = table.Column<long>(type: "INTEGER", nullable: false),
                at = table.Column<DateTime>(type: "TEXT", nullable: false),
                client_key = table.Column<long>(type: "INTEGER", nullable: false),
                count = table.Column<long>(type: "INTEGER", nullable: true),
                reason_code = table.Column<short>(type: "INTEGER", nullable: true),
                kind = table.Column<string>(type: "TEXT", nullable: false),
                ended_by = table.Column<string>(type: "TEXT", nullable: true),
                client_identifier = table.Column<string>(type: "TEXT", nullable: false),
                address = table.Column<string>(type: "TEXT", nullable: true),
                detail = table.Column<string>(type: "TEXT", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_client_events", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "client_presence",
            columns: table => new
            {
                client_key = table.Column<long>(type: "INTEGER", nullable: false),
                connected_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                disconnected_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                packets_received = table.Column<long>(type: "INTEGER", nullable: false),
                packets_sent = table.Column<long>(type: "INTEGER", nullable: false),
                publish_received = table.Column<long>(type: "INTEGER", nullable: false),
                publish_sent = table.Column<long>(type: "INTEGER", nullable: false),
                bytes_received = table.Column<long>(type: "INTEGER", nullable: false),
                bytes_sent = table.Column<long>(type: "INTEGER", nullable: false),
                reason_code = table.Column<short>(type: "INTEGER", nullable: true),
                ended_by = table.Column<string>(type: "TEXT", nullable: true),
                reason = table.Column<string>(type: "TEXT", nullable: true),
                client_identifier = table.Column<string>(type: "TEXT", nullable: false),
                user_name = table.Column<string>(type: "TEXT", nullable: true),
                address = table.Column<string>(type: "TEXT", nullable: true),
                listener = table.Column<string>(type: "TEXT", nullable: false),
                protocol = table.Column<string>(type: "TEXT", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_client_presence", x => x.client_key);
            });

        // Stored in the order of its key, which EF Core cannot say: without it each row would stand in a heap and once more in an index.
        migrationBuilder.Sql("""
            CREATE TABLE statistics (
                name TEXT NOT NULL,
                resolution INTEGER NOT NULL,
                at TEXT NOT NULL,
                value REAL NOT NULL,
                CONSTRAINT pk_statistics PRIMARY KEY (name, resolution, at)
            ) WITHOUT ROWID
            """);

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
