using System.Net;
using System.Security.Claims;
using Broker.Core.Storage;

namespace Broker.Web.Security;

/// <summary>Who changes something, as the audit names them.</summary>
/// <param name="Name">The account, or <c>api key</c> with the key's name and id.</param>
/// <param name="Address">Where the request came from, or null for the broker itself.</param>
public sealed record Actor(string Name, string? Address)
{
    private const int LongestDetail = 4_096;

    /// <summary>The broker itself, as it was configured.</summary>
    public static Actor Configuration { get; } = new("configuration", null);

    /// <summary>Whoever sent the request.</summary>
    public static Actor Of(HttpContext http) => Of(http.User, AddressOf(http));

    /// <summary>Whoever is signed in, for a page with a circuit.</summary>
    public static Actor Of(ClaimsPrincipal user, string? address = null) => new(user.Identity?.Name ?? "nobody", address ?? user.FindFirstValue(Claims.Address));

    /// <summary>Where the request came from.</summary>
    public static string? AddressOf(HttpContext http) => Plain(http.Connection.RemoteIpAddress)?.ToString();

    /// <summary>The record of a change; it goes into the transaction of the change.</summary>
    /// <param name="at">When.</param>
    /// <param name="action">What was done, a verb and a noun such as <c>session deleted</c>.</param>
    /// <param name="target">To what.</param>
    /// <param name="detail">What else there is to say, or null.</param>
    public AuditRecorded Did(DateTimeOffset at, string action, string target, string? detail = null) =>
        new(at.ToUnixTimeMilliseconds(), Name, Address, action, Storable(target), detail is { Length: > LongestDetail } ? Storable(detail[..LongestDetail]) + "…" : detail is null ? null : Storable(detail));

    // An IPv4 client of an endpoint for both families shows as ::ffff:192.0.2.1.
    internal static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    // PostgreSQL takes no NUL in a text.
    private static string Storable(string text) => text.Replace('\0', '\uFFFD');
}
