using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>Who writes: one row. Every transaction names its epoch here, so that a process that lost the store cannot write to it.</summary>
internal sealed class StoreOwnerRow
{
    /// <summary>Always 1.</summary>
    public int Id { get; set; }

    /// <summary>Rises each time that a process takes the store.</summary>
    public long Epoch { get; set; }

    /// <summary>The number of the last batch that this epoch committed: whoever did not hear of a commit looks here.</summary>
    public long Batch { get; set; }

    public DateTime TakenAt { get; set; }

    public required string Host { get; set; }

    public int ProcessId { get; set; }

    /// <summary>PostgreSQL only: the server's process that serves the owner.</summary>
    public int? BackendId { get; set; }

    public required string Note { get; set; }
}

internal sealed class StoreOwnerMapping : IEntityTypeConfiguration<StoreOwnerRow>
{
    /// <summary>For whoever opens the database and wonders.</summary>
    public const string Note = "State of an MQTT broker, written by its owner alone; docs/schema.md describes the tables";

    public void Configure(EntityTypeBuilder<StoreOwnerRow> table)
    {
        table.ToTable("store_owner").HasKey(row => row.Id);
        table.Property(row => row.Id).ValueGeneratedNever();
        table.HasData(new StoreOwnerRow { Id = 1, TakenAt = DateTime.UnixEpoch, Host = "", Note = Note });
    }
}
