using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>A message that waits for a session, wherever its content is stored.</summary>
internal sealed class QueuedMessageRow
{
    public long SessionKey { get; set; }

    public required string ClientIdentifier { get; set; }

    public long Sequence { get; set; }

    /// <summary>The key of the row in <c>queue_entries</c> that stands for it: with a condition on it too, and as the first of the order, a queue is read from where one wants.</summary>
    public long RunSequence { get; set; }

    public required string Topic { get; set; }

    public byte Qos { get; set; }

    public bool Retain { get; set; }

    public bool Released { get; set; }

    public int Size { get; set; }

    public string? SubscriptionIdentifiers { get; set; }

    public string? ShareFilter { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public string? Publisher { get; set; }

    public byte[]? Properties { get; set; }

    public required byte[] Payload { get; set; }
}

internal sealed class QueuedMessageMapping : IEntityTypeConfiguration<QueuedMessageRow>
{
    public void Configure(EntityTypeBuilder<QueuedMessageRow> view) => view.ToView("queued_messages").HasNoKey();
}
