using System.Buffers.Text;
using System.Text;
using Broker.Web.Operations;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Web.Api;

/// <summary>
/// How a client identifier stands in a path: percent-encoded, a slash too; or as <c>~</c> and its UTF-8 in base64url, for proxies that unfold what is percent-encoded;
/// or as <c>~</c> alone, and the identifier is the parameter <c>clientId</c>.
/// </summary>
internal static class ClientIds
{
    private const string Before = "/clients/";

    /// <summary>The identifier that a request is about.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static string Of(HttpContext http, string? clientId)
    {
        string segment = Segment(http);
        if (segment == "~") return clientId ?? throw new InvalidInputException("clientId", "it is missing, and the path says ~");
        if (segment[0] != '~') return Uri.UnescapeDataString(segment);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(segment.AsSpan(1)));
        }
        catch (Exception malformed) when (malformed is FormatException or DecoderFallbackException)
        {
            throw new InvalidInputException("id", "what follows ~ is no UTF-8 in base64url");
        }
    }

    // As it was sent: in the path that the host makes of it, %2F and %252F are one.
    private static string Segment(HttpContext http)
    {
        string raw = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        int start = raw.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        int end = raw.AsSpan(start).IndexOfAny('/', '?');
        return end < 0 ? raw[start..] : raw[start..(start + end)];
    }
}
