using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>An account of the dashboard and the REST API.</summary>
internal sealed class AdministratorRow
{
    /// <summary>In lower case.</summary>
    public required string Name { get; set; }

    /// <summary>Of ASP.NET Core's password hasher: PBKDF2 with its salt and its count.</summary>
    public required string PasswordHash { get; set; }

    /// <summary><c>viewer</c>, <c>operator</c> or <c>admin</c>.</summary>
    public required string Role { get; set; }

    /// <summary>A random word that each session of the account names; a new one ends them all.</summary>
    public required string SecurityStamp { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime? LastSignInAt { get; set; }
}

internal sealed class AdministratorMapping : IEntityTypeConfiguration<AdministratorRow>
{
    public void Configure(EntityTypeBuilder<AdministratorRow> table) => table.ToTable("administrators").HasKey(row => row.Name);
}
