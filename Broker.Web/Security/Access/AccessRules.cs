using Broker.Core.Access;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.Access;

/// <summary>The last row of the rules.</summary>
/// <param name="Value">What becomes of what no rule concerns.</param>
/// <param name="Source">Who has set it.</param>
internal sealed record LastRow(DefaultAccess Value, DefaultSource Source)
{
    /// <summary>Whether that is allowed.</summary>
    public bool Allows => Value == DefaultAccess.Allow;
}

/// <summary>
/// The rules of access in the store: what operators see and change. Each change raises <see cref="Revisions.Access"/>, so that every broker acts upon it; that of this
/// process has acted upon it when the change returns.
/// </summary>
internal sealed class AccessRules(IDbContextFactory<BrokerDbContext> tables, Administration administration, AccessTables reader)
{
    private static readonly string[] Raised = [Revisions.Access];

    /// <summary>Called after each change: the broker of this process takes the rules over.</summary>
    public Func<Task> Changed { get; set; } = () => Task.CompletedTask;

    /// <summary>All rules in their order, as they stand in the table, and the last row; null if that cannot be understood.</summary>
    public async Task<(IReadOnlyList<AccessRuleRow> Rows, LastRow? Last)> ListAsync(CancellationToken cancellation = default)
    {
        await using var context = tables.CreateDbContext();
        var rows = await AccessTables.RowsAsync(context, cancellation).ConfigureAwait(false);
        try
        {
            var (value, source) = await reader.DefaultAsync(context, cancellation).ConfigureAwait(false);
            return (rows, new LastRow(value, source));
        }
        catch (InvalidDataException)
        {
            return (rows, null);
        }
    }

    /// <summary>A rule, or null.</summary>
    public async Task<AccessRuleRow?> FindAsync(long id, CancellationToken cancellation = default)
    {
        await using var context = tables.CreateDbContext();
        return await context.AccessRules.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellation).ConfigureAwait(false);
    }

    /// <summary>Adds a rule.</summary>
    /// <param name="draft">The rule.</param>
    /// <param name="position">Its place, counted from 1; null for the end.</param>
    /// <param name="by">Who adds.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RefusedException">Something about it is not allowed.</exception>
    public async Task<AccessRuleRow> AddAsync(RuleDraft draft, int? position, Actor by, CancellationToken cancellation = default)
    {
        AccessRuleRow? added = null;
        await ChangeAsync(by, "access rule added", draft.Words, position is null ? null : $"at place {position}", list => added = list.Add(draft, position), cancellation).ConfigureAwait(false);
        return added!;
    }

    /// <summary>Writes a rule anew; it keeps its place unless another is named.</summary>
    /// <exception cref="RefusedException">There is no such rule, or something about it is not allowed.</exception>
    public async Task<AccessRuleRow> ChangeAsync(long id, RuleDraft draft, int? position, Actor by, CancellationToken cancellation = default)
    {
        AccessRuleRow? changed = null;
        await ChangeAsync(by, "access rule changed", $"rule {id}", draft.Words + (position is null ? "" : $", at place {position}"), list => changed = list.Change(id, draft, position), cancellation).ConfigureAwait(false);
        return changed!;
    }

    /// <summary>Moves a rule to another place.</summary>
    /// <exception cref="RefusedException">There is no such rule or place.</exception>
    public Task MoveAsync(long id, int position, Actor by, CancellationToken cancellation = default) =>
        ChangeAsync(by, "access rule moved", $"rule {id}", $"to place {position}", list => list.Change(id, null, position), cancellation);

    /// <summary>Removes a rule.</summary>
    /// <exception cref="RefusedException">There is no such rule.</exception>
    public async Task RemoveAsync(long id, Actor by, CancellationToken cancellation = default)
    {
        var row = await FindAsync(id, cancellation).ConfigureAwait(false);
        await ChangeAsync(by, "access rule removed", $"rule {id}", row is null ? null : Words(row), list => list.Remove(id), cancellation).ConfigureAwait(false);
    }

    /// <summary>Adds rules at the end, all of them or none.</summary>
    /// <param name="drafts">The rules, in their order.</param>
    /// <param name="replaces">Whether those that there are go.</param>
    /// <param name="source">Where they come from, for the audit.</param>
    /// <param name="by">Who adds.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RefusedException">One of them is not allowed, or they are too many.</exception>
    public Task ImportAsync(IReadOnlyCollection<RuleDraft> drafts, bool replaces, string source, Actor by, CancellationToken cancellation = default)
    {
        foreach (var draft in drafts) AccessWords.Check(draft);
        return ChangeAsync(by, "access rules imported", source, $"{drafts.Count} rules{(replaces ? ", instead of all others" : "")}", list =>
        {
            if (replaces) list.Clear();
            foreach (var draft in drafts) list.Add(draft, null);
        }, cancellation);
    }

    /// <summary>Sets the last row.</summary>
    /// <exception cref="RefusedException">The configuration sets it.</exception>
    public async Task SetDefaultAsync(bool allows, Actor by, CancellationToken cancellation = default)
    {
        var value = Value(allows);
        RequireOpenDefault();
        await administration.ChangeAsync(Raised, by, "access default changed", AccessTables.DefaultKey, value.ToString(), async context =>
        {
            var row = await context.Settings.FindAsync([AccessTables.DefaultKey], cancellation).ConfigureAwait(false);
            if (row is null) context.Settings.Add(new SettingRow { Name = AccessTables.DefaultKey, Value = value.ToString() });
            else row.Value = value.ToString();
        }, cancellation).ConfigureAwait(false);
        await Changed().ConfigureAwait(false);
    }

    /// <summary>The policy that would hold after a change.</summary>
    /// <exception cref="RefusedException">The change is not allowed, or what the table holds cannot be understood even after it.</exception>
    public Task<AccessPolicy> AfterAsync(Action<RuleList> change, CancellationToken cancellation = default) => AfterAsync(change, null, cancellation);

    /// <summary>The policy that would hold with another last row.</summary>
    /// <exception cref="RefusedException">The configuration sets it, or what the table holds cannot be understood.</exception>
    public Task<AccessPolicy> AfterAsync(bool allowsByDefault, CancellationToken cancellation = default)
    {
        RequireOpenDefault();
        return AfterAsync(_ => { }, Value(allowsByDefault), cancellation);
    }

    private async Task<AccessPolicy> AfterAsync(Action<RuleList> change, DefaultAccess? value, CancellationToken cancellation)
    {
        await using var context = tables.CreateDbContext();
        var list = new RuleList(await AccessTables.RowsAsync(context, cancellation).ConfigureAwait(false), administration.Now);
        change(list);
        try
        {
            return await reader.PolicyAsync(context, list.Rows, value, cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException wrong)
        {
            throw new RefusedException(RefusalKind.Conflict, "", $"what the store holds cannot be understood, and nobody can say what a change would do: {wrong.Message}");
        }
    }

    private async Task ChangeAsync(Actor by, string action, string target, string? detail, Action<RuleList> change, CancellationToken cancellation)
    {
        await administration.ChangeAsync(Raised, by, action, target, detail, async context =>
        {
            var rows = await AccessTables.RowsAsync(context, cancellation).ConfigureAwait(false);
            var list = new RuleList([.. rows], administration.Now);
            change(list);
            list.Number();
            context.AccessRules.RemoveRange(rows.Except(list.Rows));
            context.AccessRules.AddRange(list.Rows.Except(rows));
        }, cancellation).ConfigureAwait(false);
        await Changed().ConfigureAwait(false);
    }

    private void RequireOpenDefault()
    {
        if (reader.IsConfigured) throw new RefusedException(RefusalKind.Conflict, "", $"the configuration sets {AccessTables.DefaultKey}; change it there, or remove the key");
    }

    private static DefaultAccess Value(bool allows) => allows ? DefaultAccess.Allow : DefaultAccess.Deny;

    // Even a row that cannot be understood can be removed.
    private static string Words(AccessRuleRow row)
    {
        try
        {
            return RuleDraft.Of(row).Words;
        }
        catch (RefusedException)
        {
            return $"{row.Subject} {row.Name} {row.Action} {row.Filter}";
        }
    }
}
