using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>A message that several queue entries refer to; it goes with the last of them.</summary>
internal sealed class MessageRow
{
    public long Id { get; set; }

    /// <summary>The QoS it was published with.</summary>
    public byte Qos { get; set; }

    /// <summary>Whether it was published with RETAIN.</summary>
    public bool Retain { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public string? Publisher { get; set; }

    public required string Topic { get; set; }

    /// <summary>Properties of MQTT 5 as on the wire.</summary>
    public byte[]? Properties { get; set; }

    public required byte[] Payload { get; set; }
}

internal sealed class MessageMapping : IEntityTypeConfiguration<MessageRow>
{
    public void Configure(EntityTypeBuilder<MessageRow> table)
    {
        table.ToTable("messages").HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
    }
}
