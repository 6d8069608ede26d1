using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>Something that operators set while the broker runs, or that the broker has made once for this store.</summary>
internal sealed class SettingRow
{
    /// <summary>As a key of the configuration: <c>Mqtt:Access:Default</c>.</summary>
    public required string Name { get; set; }

    public required string Value { get; set; }
}

internal sealed class SettingMapping : IEntityTypeConfiguration<SettingRow>
{
    public void Configure(EntityTypeBuilder<SettingRow> table) => table.ToTable("settings").HasKey(row => row.Name);
}
