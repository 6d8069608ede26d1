using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model.Identity;

/// <summary>A token with which a device connects as a user. The token itself is not kept.</summary>
internal sealed class TokenRow
{
    /// <summary>The part of the token that is no secret: it tells which one it is.</summary>
    public required string Id { get; set; }

    /// <summary>The user that it stands for.</summary>
    public required string UserName { get; set; }

    /// <summary>What people call it.</summary>
    public required string Name { get; set; }

    /// <summary>HMAC-SHA-256, with the key of this store (the setting <c>Security:HashKey</c>), over the SHA-256 of the whole token.</summary>
    public required byte[] Hash { get; set; }

    public DateTime CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    public DateTime? ExpiresAt { get; set; }

    /// <summary>To within a minute.</summary>
    public DateTime? LastUsedAt { get; set; }

    public DateTime? RevokedAt { get; set; }
}

internal sealed class TokenMapping : IEntityTypeConfiguration<TokenRow>
{
    public void Configure(EntityTypeBuilder<TokenRow> table)
    {
        table.ToTable("tokens").HasKey(row => row.Id);
        table.HasIndex(row => row.UserName).HasDatabaseName("ix_tokens_user_name");
    }
}
