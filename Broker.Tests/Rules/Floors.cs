using System.Text.RegularExpressions;

namespace Broker.Tests.Rules;

/// <summary>
/// The floors of Broker.Core: a folder may name itself and what stands above it in the list, never what stands below. The front door, in the
/// project's root, may name all of them and is named by none.
/// </summary>
public static partial class Floors
{
    /// <summary>The folders, from the one that knows nobody to the one that knows all others.</summary>
    public static readonly string[] Folders =
        ["Protocol", "Diagnostics", "Topics", "Access", "Storage", "Sessions", "Routing", "Connections"];

    /// <summary>Every place where a file of Broker.Core names a floor that is closed to it.</summary>
    public static IEnumerable<string> Violations(IReadOnlyCollection<SourceFile> core)
    {
        var types = core.ToLookup(FolderOf, file => TypesIn(file.Text)).ToDictionary(group => group.Key, group => group.SelectMany(x => x).ToHashSet());
        return core.SelectMany(file => Violations(file, types));
    }

    /// <summary>Every floor of Broker.Core that a text names, except those allowed to it. For code outside Broker.Core.</summary>
    public static IEnumerable<string> NamedFloors(SourceFile file, params string[] allowed) =>
        from Match match in QualifiedName().Matches(CodeOf(file.Text))
        let folder = match.Groups["name"].Value
        where Folders.Contains(folder) && !allowed.Contains(folder)
        select $"{file.Path} names Broker.Core.{folder}";

    /// <summary>The text without comments and the contents of strings.</summary>
    public static string CodeOf(string text) => CommentOrString().Replace(text, " ");

    /// <summary>The names of the types that a text declares.</summary>
    public static IEnumerable<string> TypesIn(string text) =>
        TypeDeclaration().Matches(CodeOf(text)).Select(match => match.Groups["name"].Value);

    private static IEnumerable<string> Violations(SourceFile file, Dictionary<string, HashSet<string>> types)
    {
        var folder = FolderOf(file);
        var floor = FloorOf(folder);
        if (floor < 0)
        {
            yield return $"{file.Path} stands in a folder that has no floor; give {folder} its place in {nameof(Floors)}.{nameof(Folders)}";
            yield break;
        }

        var code = CodeOf(file.Text);
        if (GlobalUsing().IsMatch(code))
            yield return $"{file.Path} opens a floor to all others by a global using";
        var front = types.GetValueOrDefault("", []);

        foreach (Match match in QualifiedName().Matches(code))
        {
            var name = match.Groups["name"].Value;
            if (FloorOf(name) > floor || (folder.Length > 0 && front.Contains(name)))
                yield return $"{file.Path} names Broker.Core.{name}";
        }

        // From inside a nested namespace the compiler finds a sibling by its last part alone, and the front door by the bare type.
        foreach (Match match in RelativeName().Matches(code))
        {
            var name = match.Groups["name"].Value;
            if (FloorOf(name) > floor && types.TryGetValue(name, out var there) && there.Contains(match.Groups["type"].Value))
                yield return $"{file.Path} names {match.Value}";
        }

        if (folder.Length > 0)
        {
            foreach (var name in front.Intersect(Word().Matches(code).Select(match => match.Value)))
                yield return $"{file.Path} names {name}, which stands at the front door";
        }
    }

    private static string FolderOf(SourceFile file) => file.Folders.ElementAtOrDefault(1) ?? "";

    private static int FloorOf(string folder) => folder.Length == 0 ? Folders.Length : Array.IndexOf(Folders, folder);

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|""""""+.*?""""""+|@""(""""|[^""])*""|""(\\.|[^""\\\n])*""|'(\\.|[^'\\\n])+'", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\bglobal\s+using\s[^;]*\bCore\b")]
    private static partial Regex GlobalUsing();

    [GeneratedRegex(@"(?<![\w.])(global::)?(Broker\.)?Core\.(?<name>\w+)")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"(?<![\w.])(?<name>[A-Z]\w*)\.(?<type>\w+)")]
    private static partial Regex RelativeName();

    [GeneratedRegex(@"(?<!\.)\b[A-Z]\w*\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record|delegate\s+[\w<>\[\],.? ]+?)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();
}
