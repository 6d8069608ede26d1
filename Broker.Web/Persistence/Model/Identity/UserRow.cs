using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model.Identity;

/// <summary>A user of MQTT.</summary>
internal sealed class UserRow
{
    /// <summary>As clients send it; case counts.</summary>
    public required string Name { get; set; }

    /// <summary>Of ASP.NET Core's password hasher, or as Mosquitto wrote it (<c>$6$…</c>, <c>$7$…</c>); null for a user without a password.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>What SCRAM-SHA-256 checks a proof with (RFC 5802, section 3): all four or none.</summary>
    public byte[]? ScramSalt { get; set; }

    public int? ScramIterations { get; set; }

    public byte[]? ScramStoredKey { get; set; }

    public byte[]? ScramServerKey { get; set; }

    /// <summary>The groups, with spaces between.</summary>
    public required string Groups { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>A random word; a new one ends the connections that were let in before.</summary>
    public required string SecurityStamp { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime ChangedAt { get; set; }
}

internal sealed class UserMapping : IEntityTypeConfiguration<UserRow>
{
    public void Configure(EntityTypeBuilder<UserRow> table) => table.ToTable("users").HasKey(row => row.Name);
}
