using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Security;

/// <summary>Where people show who they are. A plain form: nothing of it needs a script.</summary>
public sealed partial class SignIn
{
    private State state;
    private string failure = "";

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [Inject]
    private SignInCheck Check { get; set; } = null!;

    [Inject]
    private SignInSession Session { get; set; } = null!;

    [Inject]
    private Credentials Credentials { get; set; } = null!;

    [Inject]
    private SetupLink Setup { get; set; } = null!;

    [Inject]
    private ThisMachine Machine { get; set; } = null!;

    [SupplyParameterFromForm]
    private string? Name { get; set; }

    [SupplyParameterFromForm]
    private string? Password { get; set; }

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    private enum State
    {
        Form,
        NeedsTls,
        NotReady,
        NeedsSetup,
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        state = !Machine.MayTakePasswords(Http) ? State.NeedsTls : !await Credentials.AreKnownSoonAsync(Http.RequestAborted) ? State.NotReady : Setup.IsOpen ? State.NeedsSetup : State.Form;
        if (state == State.NeedsTls) Http.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (state == State.NotReady) EarlyGuard.AskAgain(Http.Response);
    }

    private async Task CheckAsync()
    {
        if (state != State.Form) return;
        var result = await Check.CheckAsync(Name ?? "", Password ?? "", Http.Connection.RemoteIpAddress, Http.RequestAborted);
        if (result.Account is { } account)
        {
            await Session.BeginAsync(Http, account);
            Navigation.NavigateTo(SignInSession.LocalPath(Http, ReturnUrl));
            return;
        }
        failure = result.Failure;
        Http.Response.StatusCode = result.Wait is null ? StatusCodes.Status401Unauthorized : StatusCodes.Status429TooManyRequests;
        if (result.Wait is { } wait) Http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString("0", null);
    }
}
