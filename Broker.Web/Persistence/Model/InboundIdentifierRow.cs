using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>The packet identifier of a QoS 2 message that a client published and has not released: a duplicate of it is not delivered again.</summary>
internal sealed class InboundIdentifierRow
{
    public long SessionKey { get; set; }

    public int PacketIdentifier { get; set; }
}

internal sealed class InboundIdentifierMapping : IEntityTypeConfiguration<InboundIdentifierRow>
{
    public void Configure(EntityTypeBuilder<InboundIdentifierRow> table) =>
        table.ToTable("inbound_identifiers").HasKey(row => new { row.SessionKey, row.PacketIdentifier });
}
