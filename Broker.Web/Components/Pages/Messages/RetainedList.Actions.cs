using Broker.Web.Operations;
using Broker.Web.Operations.Messages;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Messages;

/// <summary>What is done to retained messages: shown, written, deleted one by one or all that match.</summary>
public sealed partial class RetainedList
{
    private RetainedView? shown;
    private RetainedDraft? edited;
    private string? doomed, said, editProblem;
    private DeletionPreview? preview;
    private Job? job;
    private bool isBad, isBusy;

    [Inject]
    private MessageActions Actions { get; set; } = null!;

    private void Close()
    {
        job?.Cancel();
        (shown, edited, doomed, editProblem) = (null, null, null, null);
        preview = job is null ? null : preview; // stays until the work has really stopped
    }

    private async Task ShowAsync(string topic)
    {
        shown = await Queries.FindAsync(topic) is { } found ? Payloads.For(await User.UserAsync(), found) : null;
        Say(shown is null ? "The topic keeps nothing any more." : null, isWrong: shown is null);
    }

    private async Task EditAsync(string? topic)
    {
        said = null;
        edited = topic is null ? new RetainedDraft() : await Queries.FindAsync(topic) is { } found ? RetainedDraft.Of(found) : null;
    }

    private void AskDelete(string topic) => (doomed, said) = (topic, null);

    private void AskDeleteAll() => (preview, said) = (Queries.Preview(All), null);

    private Task SaveAsync(RetainedDraft draft) => DoAsync(Scopes.Publish, async caller =>
    {
        var result = await Actions.PublishAsync(draft.ToMessage(), caller);
        return $"Published, and kept for new subscribers; {result.MatchedSubscribers:N0} {(result.MatchedSubscribers == 1 ? "subscriber" : "subscribers")} matched.";
    });

    private Task DeleteAsync() => DoAsync(Scopes.Operate, async caller =>
        await Actions.ClearRetainedAsync(doomed!, caller) ? "The retained message was deleted." : "The topic kept nothing any more.");

    private Task DeleteAllAsync() => DoAsync(Scopes.Operate, async caller =>
    {
        job = Actions.ClearRetained(All, caller);
        StateHasChanged();
        await job.Completion;
        var end = job.View;
        return $"{end.Done:N0} of {end.Total:N0} retained messages were deleted{(end.State == JobState.Cancelled ? "; then it was stopped" : end.Problem is { } why ? $"; then: {why}" : "")}.";
    });

    private async Task DoAsync(string scope, Func<Actor, Task<string>> deed)
    {
        isBusy = true;
        try
        {
            Say(await deed(await User.RequireAsync(scope)), isWrong: false);
            (edited, doomed, preview, editProblem) = (null, null, null, null);
        }
        catch (Exception failure) when (failure is InvalidInputException or RefusedException or UnavailableException or UnauthorizedAccessException or FormatException)
        {
            if (edited is not null)
            {
                editProblem = failure.Message;
            }
            else
            {
                Say(failure.Message, isWrong: true);
                (doomed, preview) = (null, null);
            }
        }

        (isBusy, job) = (false, null);
        await ReloadAsync();
    }

    private void Say(string? text, bool isWrong) => (said, isBad) = (text, isWrong);
}
