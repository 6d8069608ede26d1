using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Broker.Web.Persistence.Model;

/// <summary>A key with which a program uses the REST API. The key itself is not kept.</summary>
internal sealed class ApiKeyRow
{
    /// <summary>The part of the key that is no secret: it tells which one it is.</summary>
    public required string Id { get; set; }

    /// <summary>What people call it.</summary>
    public required string Name { get; set; }

    /// <summary>HMAC-SHA-256, with the key of this store (the setting <c>Security:HashKey</c>), over the SHA-256 of the whole key.</summary>
    public required byte[] Hash { get; set; }

    /// <summary>What it may be used for, with spaces between.</summary>
    public required string Scopes { get; set; }

    public DateTime CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    public DateTime? ExpiresAt { get; set; }

    /// <summary>To within a minute.</summary>
    public DateTime? LastUsedAt { get; set; }

    public DateTime? RevokedAt { get; set; }
}

internal sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKeyRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyRow> table) => table.ToTable("api_keys").HasKey(row => row.Id);
}
