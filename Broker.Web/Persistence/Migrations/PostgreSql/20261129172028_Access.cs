using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Broker.Web.Persistence.Migrations.PostgreSql;

/// <inheritdoc />
public partial class Access : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<bool>(
            name: "released",
            table: "sessions",
            type: "boolean",
            nullable: false,
            defaultValue: false);

        migrationBuilder.AddColumn<string>(
            name: "publisher_user",
            table: "retained_messages",
            type: "text",
            nullable: true);

        migrationBuilder.CreateTable(
            name: "access_rules",
            columns: table => new
            {
                id = table.Column<long>(type: "bigint", nullable: false)
                    .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                position = table.Column<int>(type: "integer", nullable: false),
                subject = table.Column<string>(type: "text", nullable: false),
                name = table.Column<string>(type: "text", nullable: false),
                action = table.Column<string>(type: "text", nullable: false),
                filter = table.Column<string>(type: "text", nullable: false),
                allows = table.Column<bool>(type: "boolean", nullable: false),
                maximum_qos = table.Column<byte>(type: "smallint", nullable: false),
                may_retain = table.Column<bool>(type: "boolean", nullable: false),
                note = table.Column<string>(type: "text", nullable: false),
                changed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("pk_access_rules", x => x.id);
            });

        migrationBuilder.CreateTable(
            name: "settings",
            columns: table => new
            {
                name = table.Column<string>(type: "text", nullable: false),
                value = table.Column<string>(type: "text", nullable: false)
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
