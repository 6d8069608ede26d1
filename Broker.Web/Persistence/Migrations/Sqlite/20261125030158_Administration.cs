using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Broker.Web.Persistence.Migrations.Sqlite;

/// <inheritdoc />
public partial class Administration : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "administrators",
            columns: table => new
            {
                name = table.Column<string>(type: "TEXT", nullable: false),
                password_hash = table.Column<string>(type: "TEXT", nullable: false),
                role = table.Column<string>(type: "TEXT", nullable: false),
                security_stamp = table.Column<string>(type: "TEXT", nullable: false),
                created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                last_sign_in_at = table.Column<DateTime>(type: "TEXT", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_administrators", x => x.name);
            });

        migrationBuilder.CreateTable(
            name: "api_keys",
            columns: table => new
            {
                id = table.Column<string>(type: "TEXT", nullable: false),
                name = table.Column<string>(type: "TEXT", nullable: false),
                hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                scopes = table.Column<string>(type: "TEXT", nullable: false),
                created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                created_by = table.Column<string>(type: "TEXT", nullable: false),
                expires_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                last_used_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                revoked_at = table.Column<DateTime>(type: "TEXT", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_api_keys", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "audit",
            columns: table => new
            {
                id = table.Column<long>(type: "INTEGER", nullable: false)
                    .Annotation("Sqlite:Autoincrement", true),
                at = table.Column<DateTime>(type: "TEXT", nullable: false),
                actor = table.Column<string>(type: "TEXT", nullable: false),
                address = table.Column<string>(type: "TEXT", nullable: true),
                action = table.Column<string>(type: "TEXT", nullable: false),
                target = table.Column<string>(type: "TEXT", nullable: false),
                detail = table.Column<string>(type: "TEXT", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_audit", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "data_protection_keys",
            columns: table => new
            {
                name = table.Column<string>(type: "TEXT", nullable: false),
                xml = table.Column<string>(type: "TEXT", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_data_protection_keys", x => x.name);
            });
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(
            name: "administrators");

        migrationBuilder.DropTable(
            name: "api_keys");

        migrationBuilder.DropTable(
            name: "audit");

        migrationBuilder.DropTable(
            name: "data_protection_keys");
    }
}
