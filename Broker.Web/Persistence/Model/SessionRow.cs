using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>A session: what outlives a client's connection.</summary>
internal sealed class SessionRow
{
    /// <summary>Made by the broker, new for every session that a client begins.</summary>
    public long Key { get; set; }

    public required string ClientIdentifier { get; set; }

    /// <summary>The user that it belongs to; null for an anonymous client.</summary>
    public string? UserName { get; set; }

    /// <summary>An administrator let go of it: the next client of its identifier becomes the owner.</summary>
    public bool Released { get; set; }

    /// <summary>Seconds that it outlives its connection; 4294967295 for ever. One with 0 is here only because of its will.</summary>
    public long ExpiryInterval { get; set; }

    public int ReceiveMaximum { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When its latest connection began.</summary>
    public DateTime ConnectedAt { get; set; }

    /// <summary>When that ended; null while it lasts, or if the broker's process ended first.</summary>
    public DateTime? DetachedAt { get; set; }

    /// <summary>The highest sequence that was sent, as of the last time that a connection ended.</summary>
    public long HighestSent { get; set; }

    /// <summary>When it ended; what it left behind is deleted soon after.</summary>
    public DateTime? DiscardedAt { get; set; }
}

internal sealed class SessionMapping : IEntityTypeConfiguration<SessionRow>
{
    public void Configure(EntityTypeBuilder<SessionRow> table)
    {
        table.ToTable("sessions").HasKey(row => row.Key);
        table.Property(row => row.Key).ValueGeneratedNever();
    }
}
