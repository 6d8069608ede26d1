namespace Broker.Web.Security.Users;

/// <summary>What users, groups and tokens can be called.</summary>
internal static class UserNames
{
    /// <summary>Most characters of a user's name.</summary>
    public const int Longest = 256;

    private const int LongestGroup = 64, MostGroups = 100, LongestNote = 100;

    /// <summary>Whether a user could have the name: what could not is never looked for, and PostgreSQL would not even take it.</summary>
    public static bool IsPossible(string name) => name.Length is > 0 and <= Longest && IsText(name) && name == name.Trim();

    /// <summary>Checks the name of a new user.</summary>
    /// <exception cref="RefusedException">It cannot be one.</exception>
    public static void Require(string name)
    {
        if (!IsPossible(name)) throw new RefusedException(RefusalKind.Invalid, "name", $"a user's name has 1 to {Longest} characters, none of them a control character, and no space at its ends");
    }

    /// <summary>Checks groups and puts them into the form in which they are stored: sorted, each once.</summary>
    /// <exception cref="RefusedException">One cannot be.</exception>
    public static string Stored(IEnumerable<string> groups)
    {
        var all = groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (all.Count > MostGroups) throw new RefusedException(RefusalKind.Invalid, "groups", $"a user has at most {MostGroups} groups");
        if (all.Find(group => group.Length is 0 or > LongestGroup || !IsText(group) || group.Any(letter => char.IsWhiteSpace(letter) || letter == ',')) is { } wrong)
            throw new RefusedException(RefusalKind.Invalid, "groups", $"'{Shown(wrong)}' is no name of a group: it has 1 to {LongestGroup} characters, no space, comma or control character");
        return string.Join(' ', all);
    }

    /// <summary>The groups of a row.</summary>
    public static string[] Groups(string stored) => stored.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Checks what a token is called.</summary>
    /// <exception cref="RefusedException">It cannot be called so.</exception>
    public static string Note(string? note)
    {
        var name = note?.Trim() ?? "";
        return name.Length <= LongestNote && IsText(name) ? name : throw new RefusedException(RefusalKind.Invalid, "name", $"a token's name has at most {LongestNote} characters, none of them a control character");
    }

    /// <summary>A text of somebody else's, for a message: no control characters, and not too long.</summary>
    public static string Shown(string text)
    {
        var shown = string.Concat(text.Take(Longest).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '\uFFFD' : letter));
        return text.Length > Longest ? shown + "…" : shown;
    }

    // Half a character, which no UTF-8 can say, would be stored as another one.
    private static bool IsText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) || (char.IsSurrogate(text[i]) && !char.IsSurrogatePair(text, i))) return false;
            if (char.IsSurrogate(text[i])) i++;
        }
        return true;
    }
}
