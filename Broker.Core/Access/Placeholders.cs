namespace Broker.Core.Access;

/// <summary><c>%u</c> and <c>%c</c> in the filters of rules.</summary>
internal static class Placeholders
{
    public static bool AreIn(string filter) =>
        filter.Contains(AccessRule.UserPlaceholder, StringComparison.Ordinal) || filter.Contains(AccessRule.ClientPlaceholder, StringComparison.Ordinal);

    /// <summary>Puts names in. What a name holds is never looked at again.</summary>
    public static string Fill(string filter, string user, string client) =>
        string.Join(client, filter.Split(AccessRule.ClientPlaceholder).Select(part => part.Replace(AccessRule.UserPlaceholder, user, StringComparison.Ordinal)));

    /// <summary>Whether the names that a filter wants can stand in it. One with a wildcard or a separator would reach topics of others (CVE-2017-7650).</summary>
    public static bool CanFill(string filter, string? user, string client) =>
        (!filter.Contains(AccessRule.UserPlaceholder, StringComparison.Ordinal) || IsPlain(user))
        && (!filter.Contains(AccessRule.ClientPlaceholder, StringComparison.Ordinal) || IsPlain(client));

    /// <summary>Every topic that a filter could concern, whatever stood for its placeholders; null if that is any topic, one that begins with $ too.</summary>
    public static string? Widen(string filter)
    {
        string[] levels = filter.Split('/');
        if (AreIn(levels[0])) return null;
        return string.Join('/', levels.Select(level => AreIn(level) ? "+" : level));
    }

    private static bool IsPlain(string? name) =>
        !string.IsNullOrEmpty(name) && !name.AsSpan().ContainsAny("/+#$") && !name.Any(char.IsControl);
}
