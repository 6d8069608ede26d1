using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.Migrations.PostgreSql;

/// <inheritdoc />
public partial class Initial : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "inbound_identifiers",
            columns: table => new
            {
                session_key = table.Column<long>(type: "bigint", nullable: false),
                packet_identifier = table.Column<int>(type: "integer", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_inbound_identifiers", x => new { x.session_key, x.packet_identifier });
            });

        migrationBuilder.CreateTable(
            name: "messages",
            columns: table => new
            {
                id = table.Column<long>(type: "bigint", nullable: false),
                qos = table.Column<byte>(type: "smallint", nullable: false),
                retain = table.Column<bool>(type: "boolean", nullable: false),
                expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                publisher = table.Column<string>(type: "text", nullable: true),
                topic = table.Column<string>(type: "text", nullable: false),
                properties = table.Column<byte[]>(type: "bytea", nullable: true),
                payload = table.Column<byte[]>(type: "bytea", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_messages", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "queue_entries",
            columns: table => new
            {
                session_key = table.Column<long>(type: "bigint", nullable: false),
                sequence = table.Column<long>(type: "bigint", nullable: false),
                message_id = table.Column<long>(type: "bigint", nullable: true),
                size = table.Column<int>(type: "integer", nullable: false),
                qos = table.Column<byte>(type: "smallint", nullable: false),
                retain = table.Column<bool>(type: "boolean", nullable: false),
                released = table.Column<bool>(type: "boolean", nullable: false),
                subscription_identifiers = table.Column<string>(type: "text", nullable: true),
                share_filter = table.Column<string>(type: "text", nullable: true),
                expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                message_qos = table.Column<byte>(type: "smallint", nullable: true),
                message_retain = table.Column<bool>(type: "boolean", nullable: true),
                publisher = table.Column<string>(type: "text", nullable: true),
                topic = table.Column<string>(type: "text", nullable: true),
                properties = table.Column<byte[]>(type: "bytea", nullable: true),
                payload = table.Column<byte[]>(type: "bytea", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_queue_entries", x => new { x.session_key, x.sequence });
            });

        migrationBuilder.CreateTable(
            name: "retained_messages",
            columns: table => new
            {
                number = table.Column<long>(type: "bigint", nullable: false),
                qos = table.Column<byte>(type: "smallint", nullable: false),
                stored_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                payload_length = table.Column<int>(type: "integer", nullable: false),
                publisher = table.Column<string>(type: "text", nullable: true),
                topic = table.Column<string>(type: "text", nullable: false),
                properties = table.Column<byte[]>(type: "bytea", nullable: true),
                payload = table.Column<byte[]>(type: "bytea", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_retained_messages", x => x.number);
            });

        migrationBuilder.CreateTable(
            name: "sessions",
            columns: table => new
            {
                key = table.Column<long>(type: "bigint", nullable: false),
                client_identifier = table.Column<string>(type: "text", nullable: false),
                user_name = table.Column<string>(type: "text", nullable: true),
                expiry_interval = table.Column<long>(type: "bigint", nullable: false),
                receive_maximum = table.Column<int>(type: "integer", nullable: false),
                created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                connected_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                detached_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                highest_sent = table.Column<long>(type: "bigint", nullable: false),
                discarded_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_sessions", x => x.key);
            });

        migrationBuilder.CreateTable(
            name: "store_owner",
            columns: table => new
            {
                id = table.Column<int>(type: "integer", nullable: false),
                epoch = table.Column<long>(type: "bigint", nullable: false),
                batch = table.Column<long>(type: "bigint", nullable: false),
                taken_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                host = table.Column<string>(type: "text", nullable: false),
                process_id = table.Column<int>(type: "integer", nullable: false),
                backend_id = table.Column<int>(type: "integer", nullable: true),
                note = table.Column<string>(type: "text", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_store_owner", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "subscriptions",
            columns: table => new
            {
                session_key = table.Column<long>(type: "bigint", nullable: false),
                number = table.Column<int>(type: "integer", nullable: false),
                filter = table.Column<string>(type: "text", nullable: false),
                qos = table.Column<byte>(type: "smallint", nullable: false),
                no_local = table.Column<bool>(type: "boolean", nullable: false),
                retain_as_published = table.Column<bool>(type: "boolean", nullable: false),
                retain_handling = table.Column<byte>(type: "smallint", nullable: false),
                subscription_identifier = table.Column<long>(type: "bigint", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_subscriptions", x => new { x.session_key, x.number });
            });

        migrationBuilder.CreateTable(
            name: "wills",
            columns: table => new
            {
                session_key = table.Column<long>(type: "bigint", nullable: false),
                qos = table.Column<byte>(type: "smallint", nullable: false),
                retain = table.Column<bool>(type: "boolean", nullable: false),
                delay_interval = table.Column<long>(type: "bigint", nullable: false),
                expiry_interval = table.Column<long>(type: "bigint", nullable: true),
                publisher = table.Column<string>(type: "text", nullable: true),
                topic = table.Column<string>(type: "text", nullable: false),
                properties = table.Column<byte[]>(type: "bytea", nullable: true),
                payload = table.Column<byte[]>(type: "bytea", nullable: false)
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
        migrationBuilder.Sql(InitialStorage.PostgreSql);
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
