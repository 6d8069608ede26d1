using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Broker.Web.Operations;

/// <summary>A part of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="NextCursor">Where the next part begins; null if there is none.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Where a list goes on, opaque to whoever holds it; and how much of it is asked for.</summary>
internal static class Cursor
{
    /// <summary>How many items a page has if nobody says so.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Most items of a page.</summary>
    public const int MostItems = 1_000;

    /// <summary>Makes a cursor of what the next page begins behind.</summary>
    public static string Of(params string[] parts) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(parts));

    /// <summary>A page of up to so many items, of one more that was read to see whether there are more.</summary>
    public static Page<T> PageOf<T>(IReadOnlyList<T> oneMore, int limit, Func<T, string> cursor) =>
        oneMore.Count <= limit ? new Page<T>(oneMore, null) : new Page<T>([.. oneMore.Take(limit)], cursor(oneMore[limit - 1]));

    /// <summary>The parts of a cursor; null if there is none.</summary>
    /// <exception cref="InvalidInputException">It is not one of ours.</exception>
    public static string[]? Parts(string? cursor, int count)
    {
        if (string.IsNullOrEmpty(cursor)) return null;
        try
        {
            if (JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(cursor)) is { } parts && parts.Length == count && !parts.Contains(null)) return parts;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException or DecoderFallbackException)
        {
            // Told below.
        }
        throw new InvalidInputException("cursor", "it is not a cursor that this list gave out");
    }

    /// <summary>The number that a cursor stands for; null if there is none.</summary>
    /// <exception cref="InvalidInputException">It is not one of ours.</exception>
    public static long? Number(string? cursor) => Parts(cursor, 1) is not { } parts ? null
        : long.TryParse(parts[0], out long number) ? number
        : throw new InvalidInputException("cursor", "it is not a cursor that this list gave out");

    /// <summary>Checks how many items are asked for.</summary>
    /// <exception cref="InvalidInputException">Too few or too many.</exception>
    public static int Limit(int? limit) =>
        limit is null ? DefaultLimit : limit is >= 1 and <= MostItems ? limit.Value : throw new InvalidInputException("limit", $"allowed is a number from 1 to {MostItems}");
}
