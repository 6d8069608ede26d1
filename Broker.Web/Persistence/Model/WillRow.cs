using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>What is published when a client is gone.</summary>
internal sealed class WillRow
{
    public long SessionKey { get; set; }

    public byte Qos { get; set; }

    public bool Retain { get; set; }

    /// <summary>Will Delay Interval in seconds.</summary>
    public long DelayInterval { get; set; }

    /// <summary>Message Expiry Interval in seconds, counted from its publication.</summary>
    public long? ExpiryInterval { get; set; }

    public string? Publisher { get; set; }

    public required string Topic { get; set; }

    /// <summary>Properties of MQTT 5 as on the wire.</summary>
    public byte[]? Properties { get; set; }

    public required byte[] Payload { get; set; }
}

internal sealed class WillMapping : IEntityTypeConfiguration<WillRow>
{
    public void Configure(EntityTypeBuilder<WillRow> table)
    {
        table.ToTable("wills").HasKey(row => row.SessionKey);
        table.Property(row => row.SessionKey).ValueGeneratedNever();
    }
}
