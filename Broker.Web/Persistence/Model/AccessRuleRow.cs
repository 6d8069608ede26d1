using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>A rule of access. They are asked in the order of their positions.</summary>
internal sealed class AccessRuleRow
{
    public long Id { get; set; }

    /// <summary>Its place, counted from 1.</summary>
    public int Position { get; set; }

    /// <summary><c>anyone</c>, <c>anonymous</c>, <c>user</c>, <c>group</c> or <c>client</c>.</summary>
    public required string Subject { get; set; }

    /// <summary>The user, group or client identifier; empty for the other subjects.</summary>
    public required string Name { get; set; }

    /// <summary><c>publish</c>, <c>subscribe</c> or <c>both</c>.</summary>
    public required string Action { get; set; }

    public required string Filter { get; set; }

    public bool Allows { get; set; }

    public byte MaximumQos { get; set; }

    public bool MayRetain { get; set; }

    /// <summary>What people note about it.</summary>
    public required string Note { get; set; }

    public DateTime ChangedAt { get; set; }
}

internal sealed class AccessRuleMapping : IEntityTypeConfiguration<AccessRuleRow>
{
    public void Configure(EntityTypeBuilder<AccessRuleRow> table) => table.ToTable("access_rules").HasKey(row => row.Id);
}
