using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Security;

/// <summary>What people change about their own account.</summary>
public sealed partial class AccountPage
{
    private string failure = "";
    private bool isDone;

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [Inject]
    private Accounts Accounts { get; set; } = null!;

    [Inject]
    private SignInCheck Check { get; set; } = null!;

    [Inject]
    private SignInSession Session { get; set; } = null!;

    [Inject]
    private ThisMachine Machine { get; set; } = null!;

    [SupplyParameterFromForm]
    private string? Current { get; set; }

    [SupplyParameterFromForm]
    private string? Password { get; set; }

    [SupplyParameterFromForm]
    private string? Again { get; set; }

    private async Task ChangeAsync()
    {
        failure = await FormChange.TryAsync(Http, async () =>
        {
            if (!Machine.MayTakePasswords(Http)) throw new RefusedException(RefusalKind.Invalid, "password", ThisMachine.NeedsTls);
            if (Password != Again) throw new RefusedException(RefusalKind.Invalid, "again", "the two passwords differ");
            var name = Http.User.Identity!.Name!;
            var now = await Check.CheckAsync(name, Current ?? "", Http.Connection.RemoteIpAddress, Http.RequestAborted);
            if (now.Account is null) throw new RefusedException(RefusalKind.Invalid, "current", now.Failure);
            await Accounts.SetPasswordAsync(name, Password ?? "", Actor.Of(Http), Http.RequestAborted);
            await Session.RenewAsync(Http);
        });
        isDone = failure.Length == 0;
    }
}
