using System.Globalization;
using Broker.Web.Persistence.History;

namespace Broker.Web.Components;

/// <summary>Where the page of a client is: by its identifier, or by the number that stands for it where that would be too long for a URL.</summary>
internal static class ClientAddress
{
    private const int Longest = 1_000;

    /// <summary>The address, relative to the dashboard.</summary>
    public static string Of(string clientId) => Query("clients/client", clientId);

    /// <summary>An address with the client in its query.</summary>
    public static string Query(string path, string clientId)
    {
        var escaped = Uri.EscapeDataString(clientId);
        return escaped.Length <= Longest ? $"{path}?id={escaped}" : string.Create(CultureInfo.InvariantCulture, $"{path}?key={ClientKey.Of(clientId):x16}");
    }

    /// <summary>The number in an address.</summary>
    public static long? Key(string? text) => long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long key) ? key : null;
}
