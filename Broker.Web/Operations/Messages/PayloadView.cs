using System.Text;
using System.Text.Json.Serialization;

namespace Broker.Web.Operations.Messages;

/// <summary>A payload, or its beginning.</summary>
/// <param name="Length">How many bytes the whole has.</param>
/// <param name="Bytes">The bytes that are here.</param>
public sealed record PayloadView(int Length, [property: JsonIgnore] byte[] Bytes)
{
    /// <summary>How many bytes of a payload stand in a list.</summary>
    public const int PreviewBytes = 512;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly Lazy<string?> text = new(() => TextOf(Bytes, Bytes.Length < Length));

    /// <summary>Whether it is kept from whoever asked.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Whether only the beginning is here.</summary>
    public bool IsTruncated => Bytes.Length < Length;

    /// <summary>The payload as text; null if it is none.</summary>
    public string? Text => text.Value;

    /// <summary>The payload in base64; null if it is a text.</summary>
    public string? Base64 => Text is null ? Convert.ToBase64String(Bytes) : null;

    /// <summary>The same, of which nothing is told but the length.</summary>
    public PayloadView Hide() => new(Length, []) { IsHidden = true };

    /// <summary>The beginning of a payload.</summary>
    public static PayloadView Preview(ReadOnlySpan<byte> payload) => new(payload.Length, payload[..Math.Min(payload.Length, PreviewBytes)].ToArray());

    // At the end of a beginning a character may be cut in two.
    private static string? TextOf(byte[] bytes, bool isCut)
    {
        for (int cut = 0; cut <= (isCut ? 3 : 0) && cut <= bytes.Length; cut++)
            if (TryText(bytes.AsSpan(0, bytes.Length - cut)) is { } found) return found;
        return null;
    }

    private static string? TryText(ReadOnlySpan<byte> bytes)
    {
        try
        {
            string found = Strict.GetString(bytes);
            return found.Any(character => char.IsControl(character) && character is not ('\t' or '\r' or '\n')) ? null : found;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
