using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Security;

/// <summary>The accounts. Plain forms, which lead back to the page when they were taken.</summary>
public sealed partial class AdministratorsPage
{
    private const string Path = "administrators";

    private string failure = "";

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [Inject]
    private Accounts Accounts { get; set; } = null!;

    [Inject]
    private SignInSession Session { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromForm]
    private string? Name { get; set; }

    [SupplyParameterFromForm]
    private string? Password { get; set; }

    [SupplyParameterFromForm]
    private string? Role { get; set; }

    private Role ChosenRole => Roles.TryParse(Role, out var role) ? role : throw new RefusedException(RefusalKind.Invalid, "role", "there is no such role");

    private Task AddAsync() => TryAsync(by => Accounts.AddAsync(Name ?? "", Password ?? "", ChosenRole, by, Http.RequestAborted));

    private Task SetRoleAsync(string name) => TryAsync(by => Accounts.SetRoleAsync(name, ChosenRole, by, Http.RequestAborted));

    private Task RemoveAsync(string name) => TryAsync(by => Accounts.RemoveAsync(name, by, Http.RequestAborted));

    private Task SetPasswordAsync(string name) => TryAsync(async by =>
    {
        await Accounts.SetPasswordAsync(name, Password ?? "", by, Http.RequestAborted);
        if (name == Http.User.Identity?.Name) await Session.RenewAsync(Http); // whoever changes their own stays signed in here
    });

    private async Task TryAsync(Func<Actor, Task> change)
    {
        failure = await FormChange.TryAsync(Http, () => change(Actor.Of(Http)));
        if (failure.Length == 0) Navigation.NavigateTo(Path);
    }
}
