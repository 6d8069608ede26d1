using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>Who changed what, written in the transaction of the change.</summary>
internal sealed class AuditRow
{
    public long Id { get; set; }

    public DateTime At { get; set; }

    /// <summary>The account or the API key.</summary>
    public required string Actor { get; set; }

    /// <summary>Where the request came from.</summary>
    public string? Address { get; set; }

    /// <summary>What was done, such as <c>session deleted</c>.</summary>
    public required string Action { get; set; }

    /// <summary>To what: a client identifier, a topic, a name.</summary>
    public required string Target { get; set; }

    public string? Detail { get; set; }
}

internal sealed class AuditMapping : IEntityTypeConfiguration<AuditRow>
{
    // Rows come and go at the ends of the table, in the order of the key; there are too few to be worth another index.
    public void Configure(EntityTypeBuilder<AuditRow> table) => table.ToTable("audit").HasKey(row => row.Id);
}
