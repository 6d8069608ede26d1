using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Security;

/// <summary>Where the first administrator is made, with the link that the broker printed.</summary>
public sealed partial class Setup
{
    private bool mayTakePasswords, isAdmitted;
    private string failure = "";

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [Inject]
    private Accounts Accounts { get; set; } = null!;

    [Inject]
    private SignInSession Session { get; set; } = null!;

    [Inject]
    private SetupLink Link { get; set; } = null!;

    [Inject]
    private ThisMachine Machine { get; set; } = null!;

    [SupplyParameterFromQuery]
    private string? Token { get; set; }

    [SupplyParameterFromForm]
    private string? Name { get; set; }

    [SupplyParameterFromForm]
    private string? Password { get; set; }

    [SupplyParameterFromForm]
    private string? Again { get; set; }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        mayTakePasswords = Machine.MayTakePasswords(Http);
        isAdmitted = Link.Admits(Token);
        if (!mayTakePasswords || !isAdmitted) Http.Response.StatusCode = StatusCodes.Status403Forbidden;
    }

    private async Task AddAsync()
    {
        if (!mayTakePasswords || !isAdmitted) return;
        try
        {
            if (Password != Again) throw new RefusedException(RefusalKind.Invalid, "again", "the two passwords differ");
            var name = Accounts.Normalize(Name ?? "");
            await Accounts.AddFirstAsync(name, Password ?? "", new Actor(name, Actor.AddressOf(Http)), Http.RequestAborted);
            Link.Close();
            await Session.BeginAsync(Http, Accounts.All.First(account => account.Name == name));
        }
        catch (RefusedException refused)
        {
            failure = $"Not done: {refused.Message}.";
            Http.Response.StatusCode = refused.Kind == RefusalKind.Conflict ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest;
            return;
        }
        Navigation.NavigateTo(SignInSession.LocalPath(Http, null));
    }
}
