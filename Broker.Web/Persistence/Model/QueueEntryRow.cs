using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>
/// A message that waits for a session. It holds the message itself, or, where several sessions got it at once, the id of it in <c>messages</c>; then it can stand
/// for several entries that follow each other. The table only grows at the ends of queues: it has no index but its key, and no foreign key.
/// </summary>
internal sealed class QueueEntryRow
{
    public long SessionKey { get; set; }

    /// <summary>Its place in the session's queue; below 0 beside it: a message of a share group that a member without a stored session has.</summary>
    public long Sequence { get; set; }

    /// <summary>How many entries it stands for: this one and those before it in the queue, whose messages have the ids before this one's.</summary>
    public int RunLength { get; set; }

    public long? MessageId { get; set; }

    /// <summary>Bytes of topic, properties and payload, where it holds the message itself.</summary>
    public int Size { get; set; }

    /// <summary>The QoS it is delivered with.</summary>
    public byte Qos { get; set; }

    /// <summary>RETAIN of the copy.</summary>
    public bool Retain { get; set; }

    /// <summary>Whether the client sent PUBREC for it.</summary>
    public bool Released { get; set; }

    /// <summary>Subscription Identifiers of the copy, separated by commas.</summary>
    public string? SubscriptionIdentifiers { get; set; }

    /// <summary>The filter of the share group it came through.</summary>
    public string? ShareFilter { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public byte? MessageQos { get; set; }

    public bool? MessageRetain { get; set; }

    public string? Publisher { get; set; }

    public string? Topic { get; set; }

    /// <summary>Properties of MQTT 5 as on the wire.</summary>
    public byte[]? Properties { get; set; }

    public byte[]? Payload { get; set; }
}

internal sealed class QueueEntryMapping : IEntityTypeConfiguration<QueueEntryRow>
{
    public void Configure(EntityTypeBuilder<QueueEntryRow> table)
    {
        table.ToTable("queue_entries").HasKey(row => new { row.SessionKey, row.Sequence });
        table.Property(row => row.RunLength).HasDefaultValue(1);
    }
}
