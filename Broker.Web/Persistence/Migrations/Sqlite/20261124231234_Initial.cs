using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.Migrations.Sqlite;

/// <inheritdoc />
public partial class Initial : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        // Tables with a key of two columns are stored in its order, which EF Core cannot say: without it each would be a heap with an index.
        migrationBuilder.Sql("""
            CREATE TABLE inbound_identifiers (
                session_key INTEGER NOT NULL,
                packet_identifier INTEGER NOT NULL,
                CONSTRAINT pk_inbound_identifiers PRIMARY KEY (session_key, packet_identifier)
            ) WITHOUT ROWID
            """);

        migrationBuilder.CreateTable(
            name: "messages",
            columns: table => new
            {
                id = table.Column<long>(type: "INTEGER", nullable: false),
                qos = table.Column<byte>(type: "INTEGER", nullable: false),
                retain = table.Column<bool>(type: "INTEGER", nullable: false),
                expires_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                publisher = table.Column<string>(type: "TEXT", nullable: true),
                topic = table.Column<string>(type: "TEXT", nullable: false),
                properties = table.Column<byte[]>(type: "BLOB", nullable: true),
                payload = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_messages", x => x.id);
            });

        migrationBuilder.Sql("""
            CREATE TABLE queue_entries (
                session_key INTEGER NOT NULL,
                sequence INTEGER NOT NULL,
                message_id INTEGER,
                size INTEGER NOT NULL,
                qos INTEGER NOT NULL,
                retain INTEGER NOT NULL,
                released INTEGER NOT NULL,
                subscription_identifiers TEXT,
                share_filter TEXT,
                expires_at TEXT,
                message_qos INTEGER,
                message_retain INTEGER,
                publisher TEXT,
                topic TEXT,
                properties BLOB,
                payload BLOB,
                CONSTRAINT pk_queue_entries PRIMARY KEY (session_key, sequence)
            ) WITHOUT ROWID
            """);

        migrationBuilder.CreateTable(
            name: "retained_messages",
            columns: table => new
            {
                number = table.Column<long>(type: "INTEGER", nullable: false),
                qos = table.Column<byte>(type: "INTEGER", nullable: false),
                stored_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                expires_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                payload_length = table.Column<int>(type: "INTEGER", nullable: false),
                publisher = table.Column<string>(type: "TEXT", nullable: true),
                topic = table.Column<string>(type: "TEXT", nullable: false),
                properties = table.Column<byte[]>(type: "BLOB", nullable: true),
                payload = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_retained_messages", x => x.number);
            });

        migrationBuilder.CreateTable(
            name: "sessions",
            columns: table => new
            {
                key = table.Column<long>(type: "INTEGER", nullable: false),
                client_identifier = table.Column<string>(type: "TEXT", nullable: false),
                user_name = table.Column<string>(type: "TEXT", nullable: true),
                expiry_interval = table.Column<long>(type: "INTEGER", nullable: false),
                receive_maximum = table.Column<int>(type: "INTEGER", nullable: false),
                created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                connected_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                detached_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                highest_sent = table.Column<long>(type: "INTEGER", nullable: false),
                discarded_at = table.Column<DateTime>(type: "TEXT", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_sessions", x => x.key);
            });

        migrationBuilder.CreateTable(
            name: "store_owner",
            columns: table => new
            {
                id = table.Column<int>(type: "INTEGER", nullable: false),
                epoch = table.Column<long>(type: "INTEGER", nullable: false),
                batch = table.Column<long>(type: "INTEGER", nullable: false),
                taken_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                host = table.Column<string>(type: "TEXT", nullable: false),
                process_id = table.Column<int>(type: "INTEGER", nullable: false),
                backend_id = table.Column<int>(type: "INTEGER", nullable: true),
                note = table.Column<string>(type: "TEXT", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_store_owner", x => x.id);
            });

        migrationBuilder.Sql("""
            CREATE TABLE subscriptions (
                session_key INTEGER NOT NULL,
                number INTEGER NOT NULL,
                filter TEXT NOT NULL,
                qos INTEGER NOT NULL,
                no_local INTEGER NOT NULL,
                retain_as_published INTEGER NOT NULL,
                retain_handling INTEGER NOT NULL,
                subscription_identifier INTEGER NOT NULL,
                CONSTRAINT pk_subscriptions PRIMARY KEY (session_key, number)
            ) WITHOUT ROWID
            """);

        migrationBuilder.CreateTable(
            name: "wills",
            columns: table => new
            {
                session_key = table.Column<long>(type: "INTEGER", nullable: false),
                qos = table.Column<byte>(type: "INTEGER", nullable: false),
                retain = table.Column<bool>(type: "INTEGER", nullable: false),
                delay_interval = table.Column<long>(type: "INTEGER", nullable: false),
                expiry_interval = table.Column<long>(type: "INTEGER", nullable: true),
                publisher = table.Column<string>(type: "TEXT", nullable: true),
                topic = table.Column<string>(type: "TEXT", nullable: false),
                properties = table.Column<byte[]>(type: "BLOB", nullable: true),
                payload = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_wills", x => x.session_key);
            });

        migrationBuilder.InsertData(
            table: "store_owner",
            columns: new[] { "id", "backend_id", "batch", "epoch", "host", "note", "process_id", "taken_at" },
            values: new object[] { 1, null, 0L, 0L, "", "State of an MQTT broker, written by its owner alone; docs/schema.md describes the tables", 0, new DateTime(1970, 1, 1, 0, 0, 0, 0, DateTimeKind.Utc) });

        migrationBuilder.Sql(InitialView.QueuedMessages);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP VIEW queued_messages");

        migrationBuilder.DropTable(
            name: "inbound_identifiers");

        migrationBuilder.DropTable(
            name: "messages");

        migrationBuilder.DropTable(
            name: "queue_entries");

        migrationBuilder.DropTable(
            name: "retained_messages");

        migrationBuilder.DropTable(
            name: "sessions");

        migrationBuilder.DropTable(
            name: "store_owner");

        migrationBuilder.DropTable(
            name: "subscriptions");

        migrationBuilder.DropTable(
            name: "wills");
    }
}
