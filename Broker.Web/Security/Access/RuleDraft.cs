using Broker.Web.Persistence.Model;

namespace Broker.Web.Security.Access;

/// <summary>A rule of access as somebody wrote it, not checked yet.</summary>
/// <param name="Subject"><c>anyone</c>, <c>anonymous</c>, <c>user</c>, <c>group</c> or <c>client</c>.</param>
/// <param name="Name">The user, group or client identifier; empty for the other subjects.</param>
/// <param name="Action"><c>publish</c>, <c>subscribe</c> or <c>both</c>.</param>
/// <param name="Filter">The topic filter, perhaps with <c>%u</c> and <c>%c</c>.</param>
/// <param name="Allows">Whether it allows or denies.</param>
internal sealed record RuleDraft(string Subject, string Name, string Action, string Filter, bool Allows)
{
    /// <summary>Longest note, in bytes of UTF-8.</summary>
    public const int LongestNote = 500;

    /// <summary>The highest QoS that it allows.</summary>
    public int MaximumQoS { get; init; } = 2;

    /// <summary>Whether it allows to publish with RETAIN.</summary>
    public bool MayRetain { get; init; } = true;

    /// <summary>What people note about it.</summary>
    public string Note { get; init; } = "";

    /// <summary>What a row holds.</summary>
    public static RuleDraft Of(AccessRuleRow row) =>
        new(row.Subject, row.Name, row.Action, row.Filter, row.Allows) { MaximumQoS = row.MaximumQos, MayRetain = row.MayRetain, Note = row.Note };

    /// <summary>Writes it into a row.</summary>
    public void WriteTo(AccessRuleRow row, DateTime now)
    {
        (row.Subject, row.Name, row.Action, row.Filter, row.Allows) = (Subject, Name, Action, Filter, Allows);
        (row.MaximumQos, row.MayRetain, row.Note, row.ChangedAt) = ((byte)MaximumQoS, MayRetain, Note, now);
    }

    /// <summary>A new row that holds it.</summary>
    public AccessRuleRow ToRow(DateTime now)
    {
        var row = new AccessRuleRow { Subject = "", Name = "", Action = "", Filter = "", Note = "" };
        WriteTo(row, now);
        return row;
    }

    /// <summary>The rule in words; <see cref="AccessWords.Check"/> has to have found nothing.</summary>
    public string Words => AccessWords.Check(this).Words;
}

/// <summary>The list of rules while it is changed: by whoever asks for it, or to see what a change would do.</summary>
/// <param name="rows">The rows in their order.</param>
/// <param name="now">The time of the change.</param>
internal sealed class RuleList(List<AccessRuleRow> rows, DateTime now)
{
    /// <summary>Most rules.</summary>
    public const int Most = 10_000;

    /// <summary>The rows in their order.</summary>
    public IReadOnlyList<AccessRuleRow> Rows => rows;

    /// <summary>Puts a rule in.</summary>
    /// <param name="draft">The rule, which was checked.</param>
    /// <param name="position">Its place, counted from 1; null for the end.</param>
    /// <exception cref="RefusedException">There are too many, or no such place.</exception>
    public AccessRuleRow Add(RuleDraft draft, int? position)
    {
        if (rows.Count >= Most) throw new RefusedException(RefusalKind.Conflict, "", $"there are {Most} rules already");
        var row = draft.ToRow(now);
        rows.Insert(IndexOf(position ?? rows.Count + 1, rows.Count + 1), row);
        return row;
    }

    /// <summary>Writes a rule anew, and moves it if a place is named.</summary>
    /// <exception cref="RefusedException">There is no such rule or place.</exception>
    public AccessRuleRow Change(long id, RuleDraft? draft, int? position)
    {
        var row = Find(id);
        int index = IndexOf(position ?? rows.IndexOf(row) + 1, rows.Count);
        rows.Remove(row);
        rows.Insert(index, row);
        draft?.WriteTo(row, now);
        return row;
    }

    /// <summary>Takes a rule out.</summary>
    /// <exception cref="RefusedException">There is no such rule.</exception>
    public void Remove(long id) => rows.Remove(Find(id));

    /// <summary>Takes all out.</summary>
    public void Clear() => rows.Clear();

    /// <summary>Counts the positions anew.</summary>
    public void Number()
    {
        for (int i = 0; i < rows.Count; i++) rows[i].Position = i + 1;
    }

    private AccessRuleRow Find(long id) => rows.Find(row => row.Id == id) ?? throw new RefusedException(RefusalKind.Unknown, "id", $"there is no rule {id}");

    private static int IndexOf(int position, int last) =>
        position >= 1 && position <= last ? position - 1 : throw new RefusedException(RefusalKind.Invalid, "position", $"allowed is a place from 1 to {last}");
}
