using System.Text;

namespace Broker.Web.Components.Texts;

/// <summary>What clients wrote, such as topics and client identifiers, for a page: one short line in which nothing hides and nothing turns the reading around.</summary>
internal static class Shown
{
    /// <summary>How much of a name is shown in a table.</summary>
    public const int Short = 200;

    /// <summary>How much of a name is shown where it stands alone.</summary>
    public const int Long = 2_000;

    /// <summary>At most <paramref name="longest"/> characters; control characters and those that steer the direction of writing appear by their number, ⟨U+202E⟩.</summary>
    public static string Of(string text, int longest = Short)
    {
        bool isCut = text.Length > longest;
        if (isCut)
        {
            text = text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
        }

        return (text.Any(IsHidden) ? Spell(text, IsHidden) : text) + (isCut ? "…" : "");
    }

    /// <summary>A text of several lines, whole.</summary>
    public static string Lines(string text) => text.Any(IsHiddenInLines) ? Spell(text, IsHiddenInLines) : text;

    private static bool IsHiddenInLines(char one) => one is not ('\n' or '\t' or '\r') && IsHidden(one);

    private static bool IsHidden(char one) => char.IsControl(one) || one is >= '\u200b' and <= '\u200f' or >= '\u2028' and <= '\u202e' or >= '\u2060' and <= '\u206f' or '\ufeff' or '\u061c';

    private static string Spell(string text, Func<char, bool> isHidden)
    {
        var spelled = new StringBuilder(text.Length + 16);
        foreach (char one in text)
        {
            _ = isHidden(one) ? spelled.Append(null, $"⟨U+{(int)one:X4}⟩") : spelled.Append(one);
        }

        return spelled.ToString();
    }
}
