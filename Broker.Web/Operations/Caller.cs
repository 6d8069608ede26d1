using Broker.Core.Storage;

namespace Broker.Web.Operations;

/// <summary>Who asks for a change: what the audit says of it.</summary>
/// <param name="Name">The account or API key.</param>
/// <param name="Address">Where the request comes from, or null.</param>
public sealed record Caller(string Name, string? Address)
{
    /// <summary>The audit row of a change that happens now.</summary>
    internal AuditRecorded Audit(TimeProvider time, string action, string target, string? detail = null) =>
        new(time.GetUtcNow().ToUnixTimeMilliseconds(), Name, Address, action, target, detail);
}
