using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>A key with which cookies and forms are sealed. Whoever reads it can make a session of any account, as can whoever may write to this database.</summary>
internal sealed class DataProtectionKeyRow
{
    /// <summary>Its name, made by ASP.NET Core.</summary>
    public required string Name { get; set; }

    public required string Xml { get; set; }
}

internal sealed class DataProtectionKeyMapping : IEntityTypeConfiguration<DataProtectionKeyRow>
{
    public void Configure(EntityTypeBuilder<DataProtectionKeyRow> table) => table.ToTable("data_protection_keys").HasKey(row => row.Name);
}
