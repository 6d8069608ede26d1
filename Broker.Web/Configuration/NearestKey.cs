namespace Broker.Web.Configuration;

/// <summary>Finds the key that was probably meant.</summary>
internal static class NearestKey
{
    /// <summary>The known key that takes the fewest edits to reach from <paramref name="key"/>, or null when none is near.</summary>
    public static string? Of(string key, IEnumerable<string> known)
    {
        var (nearest, distance) = known.Select(candidate => (candidate, Distance(key, candidate))).MinBy(pair => pair.Item2);
        return distance <= Math.Max(2, key.Length / 3) ? nearest : null;
    }

    /// <summary>Insertions, deletions and replacements of one character that turn one text into the other, whatever their case (Levenshtein 1966).</summary>
    public static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replace = diagonal + (char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.Length];
    }
}
