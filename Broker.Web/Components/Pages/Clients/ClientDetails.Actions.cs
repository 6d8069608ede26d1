using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Clients;

/// <summary>What an operator does to the client: asked for in a dialog, then done, then told.</summary>
public sealed partial class ClientDetails
{
    private Deed asked;
    private string filter = "", owner = "";
    private int qos;
    private Job? job;
    private string? said;
    private bool isBad, isBusy;

    private enum Deed
    {
        None,
        Disconnect,
        ClearQueue,
        DeleteSession,
        Unsubscribe,
        Subscribe,
        Release,
        Reassign,
    }

    [Inject]
    private ClientActions Actions { get; set; } = null!;

    private void Ask(Deed deed) => (asked, said, filter, owner) = (deed, null, "", "");

    private void AskUnsubscribe(string from) => (asked, said, filter) = (Deed.Unsubscribe, null, from);

    private void Close()
    {
        job?.Cancel();
        asked = Deed.None;
    }

    private async Task DoAsync()
    {
        isBusy = true;
        try
        {
            said = await DoAsync(asked, await User.RequireAsync(asked is Deed.Release or Deed.Reassign ? Scopes.Admin : Scopes.Operate));
            isBad = false;
        }
        catch (Exception failure) when (failure is InvalidInputException or RefusedException or UnavailableException or UnauthorizedAccessException)
        {
            (said, isBad) = (failure.Message, true);
        }

        (isBusy, job, asked) = (false, null, Deed.None);
        await ReloadAsync();
    }

    private async Task<string> DoAsync(Deed deed, Actor caller)
    {
        var id = client!.ClientId;
        switch (deed)
        {
            case Deed.Disconnect:
                return await Actions.DisconnectAsync(id, null, caller) ? "The client was disconnected." : "The client was not connected any more.";
            case Deed.DeleteSession:
                return await Actions.DeleteSessionAsync(id, caller) ? "The session was deleted." : "There was no session any more.";
            case Deed.Unsubscribe:
                return await Actions.UnsubscribeAsync(id, filter, caller) == true ? "The subscription was removed." : "There was no such subscription any more.";
            case Deed.Subscribe:
                return await Actions.SubscribeAsync(id, new SubscriptionWish(filter, qos), caller) is { } granted ? $"Subscribed, QoS {granted} granted." : "The client has no session any more.";
            case Deed.Release:
                return await Actions.ReleaseAsync(id, caller) ? "The session was released." : "There was no session any more.";
            case Deed.Reassign:
                return await Actions.ReassignAsync(id, owner.Length == 0 ? null : owner, caller) ? "The session was reassigned." : "There was no session any more.";
            case Deed.ClearQueue when Actions.DeleteQueue(id, caller) is { } started:
                job = started;
                await started.Completion;
                return $"{started.View.Done:N0} queued messages were deleted{(started.View.Problem is { } problem ? $"; then: {problem}" : "")}.";
            default:
                return "The client has no session any more.";
        }
    }
}
