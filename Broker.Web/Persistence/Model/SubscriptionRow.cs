using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>What a session asked for.</summary>
internal sealed class SubscriptionRow
{
    public long SessionKey { get; set; }

    /// <summary>Its number within the session. The filter can be 65,535 bytes long, too long for a key.</summary>
    public int Number { get; set; }

    /// <summary>The whole text, with <c>$share</c>.</summary>
    public required string Filter { get; set; }

    public byte Qos { get; set; }

    public bool NoLocal { get; set; }

    public bool RetainAsPublished { get; set; }

    public byte RetainHandling { get; set; }

    /// <summary>Subscription Identifier, or 0.</summary>
    public long SubscriptionIdentifier { get; set; }
}

internal sealed class SubscriptionMapping : IEntityTypeConfiguration<SubscriptionRow>
{
    public void Configure(EntityTypeBuilder<SubscriptionRow> table) =>
        table.ToTable("subscriptions").HasKey(row => new { row.SessionKey, row.Number });
}
