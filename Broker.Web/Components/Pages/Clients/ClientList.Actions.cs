using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Clients;

/// <summary>Deletes the sessions of all clients that match, after their count was shown; it can be stopped on the way.</summary>
public sealed partial class ClientList
{
    private IReadOnlyList<string>? doomed;
    private Job? job;
    private string? said;
    private bool isBad, isBusy;

    [Inject]
    private ClientActions Actions { get; set; } = null!;

    private void Ask() => (doomed, said) = (Actions.Select(new ClientSelection(Text: Text, State: Wanted)), null);

    private void Close()
    {
        job?.Cancel();
        doomed = job is null ? null : doomed; // stays until the work has really stopped
    }

    private async Task DeleteAsync()
    {
        isBusy = true;
        try
        {
            job = Actions.DeleteSessions(doomed!, await User.RequireAsync(Scopes.Operate));
            StateHasChanged();
            await job.Completion;
            var end = job.View;
            (said, isBad) = ($"{end.Done:N0} of {end.Total:N0} sessions were deleted{(end.State == JobState.Cancelled ? "; then it was stopped" : end.Problem is { } why ? $"; then: {why}" : "")}.", end.State == JobState.Failed);
        }
        catch (Exception failure) when (failure is UnavailableException or UnauthorizedAccessException)
        {
            (said, isBad) = (failure.Message, true);
        }

        (isBusy, job, doomed) = (false, null, null);
        await ReloadAsync();
    }
}
