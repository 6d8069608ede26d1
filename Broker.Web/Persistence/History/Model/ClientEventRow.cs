using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.History.Model;

/// <summary>Something that happened to a client. Rows are only added, and the oldest deleted.</summary>
internal sealed class ClientEventRow
{
    /// <summary>In order of time.</summary>
    public long Id { get; set; }

    public DateTime At { get; set; }

    /// <summary>As in <see cref="ClientPresenceRow"/>.</summary>
    public long ClientKey { get; set; }

    /// <summary>How many: messages dropped, events left out.</summary>
    public long? Count { get; set; }

    public short? ReasonCode { get; set; }

    /// <summary>One of <see cref="EventKind"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>Who ended it: client, server or network.</summary>
    public string? EndedBy { get; set; }

    public required string ClientIdentifier { get; set; }

    /// <summary>Where the client connects from, or who took it over.</summary>
    public string? Address { get; set; }

    /// <summary>The reason in words, the topic filter, or why messages were dropped.</summary>
    public string? Detail { get; set; }
}

/// <summary>What happens to clients.</summary>
internal static class EventKind
{
    public const string Connected = "connected";
    public const string Disconnected = "disconnected";
    public const string Refused = "refused";
    public const string TakenOver = "taken_over";
    public const string Subscribed = "subscribed";
    public const string Unsubscribed = "unsubscribed";
    public const string Revoked = "revoked";
    public const string Lowered = "lowered";
    public const string Denied = "denied";
    public const string SessionExpired = "session_expired";
    public const string SessionEnded = "session_ended";
    public const string Dropped = "dropped";

    /// <summary>More happened than is written: how many events are missing before this one.</summary>
    public const string LeftOut = "left_out";
}

internal sealed class ClientEventMapping : IEntityTypeConfiguration<ClientEventRow>
{
    public void Configure(EntityTypeBuilder<ClientEventRow> table)
    {
        table.ToTable("client_events").HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasIndex(row => new { row.ClientKey, row.Id }).HasDatabaseName("ix_client_events_client_key"); // a client's timeline
        table.HasIndex(row => row.At).HasDatabaseName("ix_client_events_at");
        table.HasIndex(row => new { row.Kind, row.Id }).HasDatabaseName("ix_client_events_kind"); // the latest of a kind, however rare it is
    }
}
