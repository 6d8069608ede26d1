using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>The message that a topic keeps for new subscribers.</summary>
internal sealed class RetainedMessageRow
{
    /// <summary>The broker's number for the topic. The topic can be 65,535 bytes long, too long for a key.</summary>
    public long Number { get; set; }

    public byte Qos { get; set; }

    public DateTime StoredAt { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public int PayloadLength { get; set; }

    public string? Publisher { get; set; }

    public string? PublisherUser { get; set; }

    public required string Topic { get; set; }

    /// <summary>Properties of MQTT 5 as on the wire.</summary>
    public byte[]? Properties { get; set; }

    public required byte[] Payload { get; set; }
}

internal sealed class RetainedMessageMapping : IEntityTypeConfiguration<RetainedMessageRow>
{
    public void Configure(EntityTypeBuilder<RetainedMessageRow> table)
    {
        table.ToTable("retained_messages").HasKey(row => row.Number);
        table.Property(row => row.Number).ValueGeneratedNever();
    }
}
