using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Persistence.Model;

namespace Broker.Web.Security.Access;

/// <summary>Rules of access as they are written: in the table, in requests and on the command line.</summary>
internal static class AccessWords
{
    private const int LongestText = 65_535; // bytes: MQTT 5, section 1.5.4

    private static readonly string[] Subjects = Words<AccessSubject>();
    private static readonly string[] Actions = [.. Words<AccessAction>().Where(word => word != "none")];

    /// <summary>The word for a subject.</summary>
    public static string Word(this AccessSubject subject) => subject.ToString().ToLowerInvariant();

    /// <summary>The word for an action.</summary>
    public static string Word(this AccessAction action) => action.ToString().ToLowerInvariant();

    /// <summary>The subject of a word.</summary>
    /// <exception cref="RefusedException">There is no such subject.</exception>
    public static AccessSubject Subject(string word, string field = "subject") =>
        Subjects.Contains(word, StringComparer.Ordinal) ? Enum.Parse<AccessSubject>(word, ignoreCase: true) : throw Unknown(field, word, Subjects);

    /// <summary>The action of a word.</summary>
    /// <exception cref="RefusedException">There is no such action.</exception>
    public static AccessAction Action(string word, string field = "action") =>
        Actions.Contains(word, StringComparer.Ordinal) ? Enum.Parse<AccessAction>(word, ignoreCase: true) : throw Unknown(field, word, Actions);

    /// <summary>Checks everything about a rule.</summary>
    /// <exception cref="RefusedException">Something about it is not allowed; names the field.</exception>
    public static AccessRule Check(RuleDraft draft)
    {
        var (subject, action) = (Subject(draft.Subject), Action(draft.Action));
        bool isNamed = subject is AccessSubject.User or AccessSubject.Group or AccessSubject.Client;
        if (isNamed != draft.Name.Length > 0) throw Refused("name", isNamed ? $"a rule for a {draft.Subject} names it" : $"a rule for {draft.Subject} names nobody");
        RequireText(draft.Name, "name", LongestText);
        RequireText(draft.Filter, "filter", LongestText);
        RequireText(draft.Note, "note", RuleDraft.LongestNote);
        if (!AccessRule.IsValid(draft.Filter, out string? error)) throw Refused("filter", error);
        if (draft.MaximumQoS is < 0 or > 2) throw Refused("maximumQoS", "allowed is 0, 1 or 2");
        return new AccessRule
        {
            Subject = subject,
            Name = draft.Name,
            Action = action,
            Filter = draft.Filter,
            Allows = draft.Allows,
            MaximumQoS = (QualityOfService)draft.MaximumQoS,
            MayRetain = draft.MayRetain,
        };
    }

    /// <summary>The rule that a row holds.</summary>
    /// <exception cref="InvalidDataException">The row cannot be understood; tells which and why.</exception>
    public static AccessRule Rule(AccessRuleRow row)
    {
        try
        {
            return Check(RuleDraft.Of(row)) with { Id = row.Id };
        }
        catch (RefusedException wrong)
        {
            throw new InvalidDataException($"rule {row.Id}: {wrong.About}: {wrong.Message}", wrong);
        }
    }

    private static void RequireText(string text, string field, int longest)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) throw Refused(field, "it holds no U+0000");
        if (text.Length > longest || Encoding.UTF8.GetByteCount(text) > longest) throw Refused(field, $"it has at most {longest} bytes in UTF-8");
        if (Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) != text) throw Refused(field, "it holds half a character, which UTF-8 cannot say");
    }

    private static RefusedException Unknown(string field, string word, string[] allowed) =>
        Refused(field, $"'{Users.UserNames.Shown(word)}' is not known; allowed is {string.Join(", ", allowed)}");

    private static RefusedException Refused(string field, string problem) => new(RefusalKind.Invalid, field, problem);

    private static string[] Words<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
}
