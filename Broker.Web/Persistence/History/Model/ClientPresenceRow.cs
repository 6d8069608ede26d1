using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.History.Model;

/// <summary>A client's connection: the one that it has, or the last one that it had.</summary>
internal sealed class ClientPresenceRow
{
    /// <summary>Stands for the client identifier, which can be too long for an index (<see cref="ClientKey"/>).</summary>
    public long ClientKey { get; set; }

    public DateTime ConnectedAt { get; set; }

    /// <summary>Null while it is connected.</summary>
    public DateTime? DisconnectedAt { get; set; }

    public long PacketsReceived { get; set; }

    public long PacketsSent { get; set; }

    public long PublishReceived { get; set; }

    public long PublishSent { get; set; }

    public long BytesReceived { get; set; }

    public long BytesSent { get; set; }

    /// <summary>The reason code of its end.</summary>
    public short? ReasonCode { get; set; }

    /// <summary>Who ended it: client, server or network.</summary>
    public string? EndedBy { get; set; }

    /// <summary>Why it ended, in words.</summary>
    public string? Reason { get; set; }

    public required string ClientIdentifier { get; set; }

    /// <summary>Null for an anonymous client.</summary>
    public string? UserName { get; set; }

    public string? Address { get; set; }

    /// <summary>The URL of the listener that accepted it.</summary>
    public required string Listener { get; set; }

    /// <summary>3.1, 3.1.1 or 5.</summary>
    public required string Protocol { get; set; }
}

internal sealed class ClientPresenceMapping : IEntityTypeConfiguration<ClientPresenceRow>
{
    public void Configure(EntityTypeBuilder<ClientPresenceRow> table)
    {
        table.ToTable("client_presence").HasKey(row => row.ClientKey);
        table.Property(row => row.ClientKey).ValueGeneratedNever();
        table.HasIndex(row => new { row.DisconnectedAt, row.ClientKey }).HasDatabaseName("ix_client_presence_disconnected_at"); // who is connected, page by page; the oldest of those who are not
        table.HasIndex(row => new { row.ConnectedAt, row.ClientKey }).HasDatabaseName("ix_client_presence_connected_at");
    }
}
