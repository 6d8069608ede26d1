using Broker.Web.Security;
using Broker.Web.Security.Access;
using Broker.Web.Security.Users;

namespace Broker.Web.Commands;

/// <summary>
/// An ACL file of Mosquitto. Its topics that stand before any user are for anonymous clients; a user's are for that user alone; its patterns are for everybody. Among those
/// of one subject it asks what denies first, and allows if anything else matches.
/// </summary>
internal static class MosquittoAccessFile
{
    private const int MostFaults = 10, LongestFile = 16 * 1024 * 1024;

    private static readonly Dictionary<string, string> Actions = new() { ["read"] = "subscribe", ["write"] = "publish", ["readwrite"] = "both", ["deny"] = "both" };

    /// <summary>Reads it.</summary>
    /// <returns>The rules in the order in which they have to be asked.</returns>
    /// <exception cref="InvalidDataException">A line is wrong, tells which, of the first ten; or there is no rule at all (CVE-2018-12550).</exception>
    public static IReadOnlyList<RuleDraft> Read(string file)
    {
        if (new FileInfo(file) is { Exists: true, Length: > LongestFile }) throw new InvalidDataException($"{file} is larger than 16 MiB: this is no ACL file");
        var (rules, faults) = (new List<RuleDraft>(), new List<string>());
        string subject = "anonymous", name = "";
        int number = 0;
        foreach (string line in MosquittoText.Lines(file))
        {
            number++;
            string text = line.Trim();
            if (text.Length == 0 || text[0] == '#') continue;
            var (word, rest) = Split(text);
            string? fault = word switch
            {
                "user" when UserNames.IsPossible(rest) => null,
                "user" => rest.Length == 0 ? "there is no name behind 'user'" : $"'{UserNames.Shown(rest)}' can be no user's name",
                "topic" => Add(rules, new Subject(subject, name), rest),
                "pattern" => Add(rules, new Subject("anyone", ""), rest),
                _ => $"'{UserNames.Shown(word)}' is not known; a line begins with user, topic or pattern",
            };
            if (word == "user") (subject, name) = ("user", rest);
            if (fault is not null && faults.Count < MostFaults) faults.Add($"{file}, line {number}: {fault}");
        }
        if (faults.Count == 0 && rules.Count == 0) faults.Add($"{file} holds no rule");
        if (faults.Count > 0) throw new InvalidDataException(string.Join('\n', faults.Append("Nothing was imported")));
        return [.. rules.OrderBy(Rank)];
    }

    // Gives back what is wrong.
    private static string? Add(List<RuleDraft> rules, Subject subject, string rest)
    {
        var (word, topic) = Split(rest);
        if (topic.Length == 0) (word, topic) = ("readwrite", rest);
        if (topic.Length == 0) return "there is no topic";
        if (!Actions.TryGetValue(word, out string? action)) return $"'{UserNames.Shown(word)}' is not known; allowed before the topic is read, write, readwrite or deny";
        bool holdsPlaceholder = topic.Contains("%u", StringComparison.Ordinal) || topic.Contains("%c", StringComparison.Ordinal);
        if (holdsPlaceholder && subject.Kind != "anyone") return "Mosquitto takes %u and %c in a topic line as they stand, and here they stand for names; write a pattern line";
        var draft = new RuleDraft(subject.Kind, subject.Name, action, topic, Allows: word != "deny");
        try
        {
            AccessWords.Check(draft);
        }
        catch (RefusedException wrong)
        {
            return $"'{UserNames.Shown(topic)}': {wrong.Message}";
        }
        rules.Add(draft);
        return null;
    }

    // Patterns come last, and among them those that some clients' names cannot fill: such a one denies, and would keep those clients from the rules behind it.
    private static int Rank(RuleDraft rule) =>
        (rule.Subject == "anyone" ? 10 : 0)
        + (rule.Allows ? 5 : 0)
        + (!rule.Allows || rule.Subject != "anyone" ? 0 : rule.Filter.Contains("%u", StringComparison.Ordinal) ? 2 : rule.Filter.Contains("%c", StringComparison.Ordinal) ? 1 : 0);

    private static (string Word, string After) Split(string text)
    {
        int end = text.AsSpan().IndexOfAny(' ', '\t');
        return end < 0 ? (text, "") : (text[..end], text[end..].Trim());
    }

    private readonly record struct Subject(string Kind, string Name);
}
