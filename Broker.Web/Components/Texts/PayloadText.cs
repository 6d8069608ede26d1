using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Broker.Web.Components.Texts;

/// <summary>How a payload is shown.</summary>
public enum PayloadFormat
{
    /// <summary>As text, where it is UTF-8.</summary>
    Text,

    /// <summary>As JSON on several lines, where it is JSON.</summary>
    Json,

    /// <summary>Its bytes, sixteen a line.</summary>
    Hex,
}

/// <summary>A payload for a reader: as wanted, or the nearest thing that can be, with a note why.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Note">Why it is not what was wanted; empty where it is.</param>
/// <param name="IsHex">Whether it is a dump of bytes, whose lines must not be broken.</param>
internal sealed record PayloadText(string Text, string Note, bool IsHex)
{
    private const int LongestJson = 256 * 1024;
    private const int RowLength = 16;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Shows bytes.</summary>
    public static PayloadText Of(ReadOnlyMemory<byte> payload, PayloadFormat format)
    {
        if (format != PayloadFormat.Hex && Decode(payload.Span) is { } text)
        {
            var json = format == PayloadFormat.Json ? Indent(payload) : null;
            return new(Shown.Lines(json ?? text), format == PayloadFormat.Json && json is null ? "not JSON" : "", false);
        }

        return new(Dump(payload.Span), format == PayloadFormat.Hex ? "" : "not UTF-8, shown as hex", true);
    }

    /// <summary>The first letters on one line, as text where it is one, else as hex.</summary>
    public static string Brief(ReadOnlySpan<byte> payload, int length)
    {
        var begin = payload[..Math.Min(payload.Length, length)];
        for (int cut = 0; cut < 4 && begin.Length > 0; cut++) // the end may be in the middle of a character
        {
            if (Decode(begin) is { } text)
            {
                return Shown.Of(text) + (begin.Length < payload.Length ? "…" : "");
            }

            if (begin.Length == payload.Length)
            {
                break;
            }

            begin = begin[..^1];
        }

        return begin.IsEmpty ? "" : $"0x{Convert.ToHexStringLower(begin)}{(begin.Length < payload.Length ? "…" : "")}";
    }

    private static string? Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            return Strict.GetString(payload);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string? Indent(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > LongestJson)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(payload);
            using var written = new MemoryStream();
            using (var writer = new Utf8JsonWriter(written, Indented))
            {
                json.WriteTo(writer);
            }

            return Encoding.UTF8.GetString(written.ToArray());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Dump(ReadOnlySpan<byte> payload)
    {
        var lines = new StringBuilder();
        for (int at = 0; at < payload.Length; at += RowLength)
        {
            var row = payload[at..Math.Min(payload.Length, at + RowLength)];
            lines.Append(null, $"{at:x6}  ");
            foreach (byte one in row)
            {
                lines.Append(null, $"{one:x2} ");
            }

            lines.Append(' ', 3 * (RowLength - row.Length) + 1);
            foreach (byte one in row)
            {
                lines.Append(one is >= 0x20 and < 0x7f ? (char)one : '·');
            }

            lines.Append('\n');
        }

        return lines.ToString();
    }
}
