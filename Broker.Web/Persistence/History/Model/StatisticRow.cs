using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.History.Model;

/// <summary>A value below <c>$SYS</c> at one time. Its key is the order in which charts read.</summary>
internal sealed class StatisticRow
{
    /// <summary>The topic name.</summary>
    public required string Name { get; set; }

    /// <summary>The seconds that it stands for: 10, or 300 for the mean of five minutes.</summary>
    public short Resolution { get; set; }

    /// <summary>When those began.</summary>
    public DateTime At { get; set; }

    public double Value { get; set; }
}

internal sealed class StatisticMapping : IEntityTypeConfiguration<StatisticRow>
{
    public void Configure(EntityTypeBuilder<StatisticRow> table) =>
        table.ToTable("statistics").HasKey(row => new { row.Name, row.Resolution, row.At });
}
