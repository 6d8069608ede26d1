using System.Buffers.Text;
using System.Text;
using Broker.Web.Operations;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Web.Api;

/// <summary>
/// How a name that may hold anything stands in a path: percent-encoded, a slash too; or as <c>~</c> and its UTF-8 in base64url, for proxies that unfold what is
/// percent-encoded; or as <c>~</c> alone, and the name is a parameter.
/// </summary>
internal static class PathNames
{
    /// <summary>The name that a request is about.</summary>
    /// <param name="http">The request.</param>
    /// <param name="before">What stands before the name in the path, such as <c>/clients/</c>.</param>
    /// <returns>The name; null if the path says <c>~</c>.</returns>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static string? Of(HttpContext http, string before)
    {
        string segment = Segment(http, before);
        if (segment == "~") return null;
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
    private static string Segment(HttpContext http, string before)
    {
        string raw = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        int start = raw.IndexOf(before, StringComparison.OrdinalIgnoreCase) + before.Length;
        int end = raw.AsSpan(start).IndexOfAny('/', '?');
        return end < 0 ? raw[start..] : raw[start..(start + end)];
    }
}
