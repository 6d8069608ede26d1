using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace Broker.Web.Persistence.Migrations.PostgreSql;

/// <inheritdoc />
public partial class Users : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "revisions",
            columns: table => new
            {
                name = table.Column<string>(type: "text", nullable: false),
                number = table.Column<long>(type: "bigint", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_revisions", x => x.name);
            });

        migrationBuilder.CreateTable(
            name: "tokens",
            columns: table => new
            {
                id = table.Column<string>(type: "text", nullable: false),
                user_name = table.Column<string>(type: "text", nullable: false),
                name = table.Column<string>(type: "text", nullable: false),
                hash = table.Column<byte[]>(type: "bytea", nullable: false),
                created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                created_by = table.Column<string>(type: "text", nullable: false),
                expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                last_used_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                revoked_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_tokens", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "users",
            columns: table => new
            {
                name = table.Column<string>(type: "text", nullable: false),
                password_hash = table.Column<string>(type: "text", nullable: true),
                scram_salt = table.Column<byte[]>(type: "bytea", nullable: true),
                scram_iterations = table.Column<int>(type: "integer", nullable: true),
                scram_stored_key = table.Column<byte[]>(type: "bytea", nullable: true),
                scram_server_key = table.Column<byte[]>(type: "bytea", nullable: true),
                groups = table.Column<string>(type: "text", nullable: false),
                is_disabled = table.Column<bool>(type: "boolean", nullable: false),
                security_stamp = table.Column<string>(type: "text", nullable: false),
                created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                changed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_users", x => x.name);
            });

        migrationBuilder.InsertData(
            table: "revisions",
            columns: new[] { "name", "number" },
            values: new object[,]
            {
                { "access", 0L },
                { "users", 0L }
            });

        migrationBuilder.CreateIndex(
            name: "ix_tokens_user_name",
            table: "tokens",
            column: "user_name");
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(
            name: "revisions");

        migrationBuilder.DropTable(
            name: "tokens");

        migrationBuilder.DropTable(
            name: "users");
    }
}
