using Broker.Core;
using Broker.Web.Components.Parts.Access;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.Access;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Access;

/// <summary>Changes of the rules: each shows first which subscriptions it would end or lower, and is made when that was seen.</summary>
public sealed partial class RulesPage
{
    private RuleForm? edited;
    private FieldProblem? problem;
    private Pending? pending;
    private string? said;
    private bool isBad, isBusy;

    [Inject]
    private RuleTrials Trials { get; set; } = null!;

    [Inject]
    private MqttBroker Broker { get; set; } = null!;

    private void Edit(AccessRuleRow? rule) => (edited, problem, said) = (rule is null ? new RuleForm() : RuleForm.Of(rule), null, null);

    private void Close() => (pending, edited) = (null, pending is null ? null : edited);

    private Task PreviewEditedAsync(RuleForm rule) => rule.Id is { } id
        ? PreviewAsync($"Change rule {id}?", Words(rule), "Save rule", () => TryAsync(rule.Draft, list => list.Change(id, rule.Draft, rule.Position)), by => Rules.ChangeAsync(id, rule.Draft, rule.Position, by), "The rule was changed.")
        : PreviewAsync("Add this rule?", Words(rule), "Add rule", () => TryAsync(rule.Draft, list => list.Add(rule.Draft, rule.Position)), by => Rules.AddAsync(rule.Draft, rule.Position, by), "The rule was added.");

    private Task AskMoveAsync(AccessRuleRow rule, int position) =>
        PreviewAsync($"Move rule {rule.Id} to place {position}?", Words(RuleForm.Of(rule)), "Move rule", () => Trials.TryAsync(list => list.Change(rule.Id, null, position)), by => Rules.MoveAsync(rule.Id, position, by), "The rule was moved.");

    private Task AskRemoveAsync(AccessRuleRow rule) =>
        PreviewAsync($"Remove rule {rule.Id}?", Words(RuleForm.Of(rule)), "Remove rule", () => Trials.TryAsync(list => list.Remove(rule.Id)), by => Rules.RemoveAsync(rule.Id, by), "The rule was removed.", isDangerous: true);

    private Task AskDefaultAsync()
    {
        bool allows = !IsOpen;
        var word = allows ? "Allow" : "Deny";
        return PreviewAsync($"{word} everything else?", $"What no rule concerns is {(allows ? "allowed" : "denied")} from then on.", $"{word} it", () => Trials.TryAsync(allows), by => Rules.SetDefaultAsync(allows, by), "The default was changed.");
    }

    private async Task PreviewAsync(string title, string words, string verb, Func<Task<RuleChangePreview>> attempt, Func<Actor, Task> make, string done, bool isDangerous = false)
    {
        (isBusy, said) = (true, null);
        problem = await FieldProblem.OfAsync(async () =>
        {
            await User.RequireAsync(Scopes.Admin);
            pending = new Pending(title, words, verb, isDangerous, make, done) { Preview = await attempt() };
        });
        // Where the table holds what nobody understands, that has to be mended without a look ahead.
        if (problem is not null && Broker.Policy.Trouble is not null && edited is null) pending = new Pending(title, words, verb, isDangerous, make, done) { Unknown = problem.Text };
        else if (problem is not null && edited is null) (said, isBad) = (problem.Text, true);
        isBusy = false;
    }

    private async Task MakeAsync()
    {
        isBusy = true;
        problem = await FieldProblem.OfAsync(async () => await pending!.Make(await User.RequireAsync(Scopes.Admin)));
        (said, isBad) = problem is null ? (pending!.Done, false) : edited is null ? (problem.Text, true) : (null, false);
        if (problem is null) edited = null;
        (isBusy, pending) = (false, null);
        await ReloadAsync();
    }

    private Task<RuleChangePreview> TryAsync(RuleDraft draft, Action<RuleList> change)
    {
        AccessWords.Check(draft);
        return Trials.TryAsync(change);
    }

    // What cannot be understood has no words of its own.
    private static string Words(RuleForm rule)
    {
        try
        {
            return rule.Draft.Words;
        }
        catch (RefusedException)
        {
            return $"{rule.Subject} {rule.Name} {rule.Action} {rule.Filter}";
        }
    }

    private sealed record Pending(string Title, string Words, string Verb, bool IsDangerous, Func<Actor, Task> Make, string Done)
    {
        public RuleChangePreview? Preview { get; init; }

        public bool Affects => Preview is { Count: > 0 } or { Lowered.Count: > 0 };

        public string? Unknown { get; init; }
    }
}
