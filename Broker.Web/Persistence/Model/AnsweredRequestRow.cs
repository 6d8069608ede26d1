using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>A message that a program published with a key, written in the transaction of its effect: sent again it is answered, and not published.</summary>
internal sealed class AnsweredRequestRow
{
    /// <summary>How a row is written where there is one already: of a batch that is repeated, or of the same key a day before.</summary>
    public const string Renewed = " ON CONFLICT (key) DO UPDATE SET at = excluded.at, request = excluded.request, matched = excluded.matched, persisted = excluded.persisted";

    /// <summary>Stands for who asked, the key that they gave, and which message of a batch it was.</summary>
    public required string Key { get; set; }

    public DateTime At { get; set; }

    /// <summary>Stands for what was asked for.</summary>
    public required string Request { get; set; }

    /// <summary>How many sessions and share groups it matched.</summary>
    public int Matched { get; set; }

    /// <summary>Whether something of it had to be stored.</summary>
    public bool Persisted { get; set; }
}

internal sealed class AnsweredRequestMapping : IEntityTypeConfiguration<AnsweredRequestRow>
{
    public void Configure(EntityTypeBuilder<AnsweredRequestRow> table)
    {
        table.ToTable("answered_requests").HasKey(row => row.Key);
        table.HasIndex(row => row.At).HasDatabaseName("ix_answered_requests_at"); // the oldest go
    }
}
