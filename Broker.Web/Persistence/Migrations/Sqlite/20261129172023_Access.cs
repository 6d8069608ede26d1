using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.Migrations.Sqlite;

/// <inheritdoc />
public partial class Access : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<bool>(
            name: "released",
            table: "sessions",
            type: "INTEGER",
            nullable: false,
            defaultValue: false);

        // The payload stays last in its row: one that is not asked for is not fetched from the disk.
        migrationBuilder.Sql("""
            ALTER TABLE retained_messages RENAME TO retained_messages_before;
            CREATE TABLE retained_messages (
                number INTEGER NOT NULL CONSTRAINT pk_retained_messages PRIMARY KEY,
                qos INTEGER NOT NULL,
                stored_at TEXT NOT NULL,
                expires_at TEXT NULL,
                payload_length INTEGER NOT NULL,
                publisher TEXT NULL,
                publisher_user TEXT NULL,
                topic TEXT NOT NULL,
                properties BLOB NULL,
                payload BLOB NOT NULL
            );
            INSERT INTO retained_messages (number, qos, stored_at, expires_at, payload_length, publisher, topic, properties, payload)
                SELECT number, qos, stored_at, expires_at, payload_length, publisher, topic, properties, payload FROM retained_messages_before;
            DROP TABLE retained_messages_before;
            """);

        migrationBuilder.CreateTable(
            name: "access_rules",
            columns: table => new
            {
                id = table.Column<long>(type: "INTEGER", nullable: false)
                    .Annotation("Sqlite:Autoincrement", true),
                position = table.Column<int>(type: "INTEGER", nullable: false),
                subject = table.Column<string>(type: "TEXT", nullable: false),
                name = table.Column<string>(type: "TEXT", nullable: false),
                action = table.Column<string>(type: "TEXT", nullable: false),
                filter = table.Column<string>(type: "TEXT", nullable: false),
                allows = table.Column<bool>(type: "INTEGER", nullable: false),
                maximum_qos = table.Column<byte>(type: "INTEGER", nullable: false),
                may_retain = table.Column<bool>(type: "INTEGER", nullable: false),
                note = table.Column<string>(type: "TEXT", nullable: false),
                changed_at = table.Column<DateTime>(type: "TEXT", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_access_rules", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "settings",
            columns: table => new
            {
                name = table.Column<string>(type: "TEXT", nullable: false),
                value = table.Column<string>(type: "TEXT", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_settings", x => x.name);
            });
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(
            name: "access_rules");

        migrationBuilder.DropTable(
            name: "settings");

        migrationBuilder.DropColumn(
            name: "released",
            table: "sessions");

        migrationBuilder.DropColumn(
            name: "publisher_user",
            table: "retained_messages");
    }
}
