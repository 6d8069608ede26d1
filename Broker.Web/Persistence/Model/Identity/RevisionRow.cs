using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model.Identity;

/// <summary>How often something was changed: whoever holds a copy of it sees by the number that it is old.</summary>
internal sealed class RevisionRow
{
    /// <summary>What the number counts the changes of: one of <see cref="Revisions"/>.</summary>
    public required string Name { get; set; }

    /// <summary>Rises with each change, in its transaction.</summary>
    public long Number { get; set; }
}

internal sealed class RevisionMapping : IEntityTypeConfiguration<RevisionRow>
{
    public void Configure(EntityTypeBuilder<RevisionRow> table)
    {
        table.ToTable("revisions").HasKey(row => row.Name);
        table.HasData(new RevisionRow { Name = Revisions.Users }, new RevisionRow { Name = Revisions.Access });
    }
}
