using Broker.Web.Components.Parts.Access;
using Broker.Web.Components.Texts;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security;

namespace Broker.Web.Components.Pages.Access;

/// <summary>What is done to the user: asked for in a dialog, then done, then told.</summary>
public sealed partial class UserPage
{
    private const int MostDays = 36_500;

    private Deed asked;
    private UserForm form = new();
    private FieldProblem? problem;
    private TokenRow? revoked;
    private string? made, said;
    private bool isBad, isBusy;

    private enum Deed
    {
        None,
        SetPassword,
        ClearPassword,
        SetGroups,
        Disable,
        Remove,
        CreateToken,
        Revoke,
    }

    private (string Title, string Verb, string Words) Question => asked switch
    {
        Deed.SetPassword => ("Set the password", "Set password", "Connections that came with the old one end."),
        Deed.ClearPassword => ("Remove the password?", "Remove password", "The user comes by tokens or certificates alone then; connections that are there end."),
        Deed.SetGroups => ("Groups", "Set groups", "Rules that name a group concern its users at once: subscriptions that they forbid end."),
        Deed.Disable when user!.IsDisabled => ("Let the user in again?", "Enable", ""),
        Deed.Disable => ("Keep the user out?", "Disable", "Their connections end; their sessions, tokens and rules stay."),
        Deed.Remove => ("Remove 1 user?", "Remove user", $"{Shown.Of(user!.Name)} and all tokens are lost, and connections end. Rules that name the user stay, and so do sessions."),
        Deed.CreateToken => ("Make a token", "Make the token", ""),
        _ => ("Revoke 1 token?", "Revoke token", $"{(revoked is { Name.Length: > 0 } ? Shown.Of(revoked.Name) : revoked?.Id)} lets nobody in any more, and connections that it let in end."),
    };

    private void Ask(Deed deed) => (asked, form, problem, said) = (deed, new UserForm { Groups = user!.Groups }, null, null);

    private void AskRevoke(TokenRow token)
    {
        revoked = token;
        Ask(Deed.Revoke);
    }

    private async Task DoAsync()
    {
        isBusy = true;
        problem = await FieldProblem.OfAsync(async () => (said, isBad) = (await DoAsync(asked, await User.RequireAsync(Scopes.Admin)), false));
        if (problem is null) asked = Deed.None;
        isBusy = false;
        await ReloadAsync();
    }

    private async Task<string?> DoAsync(Deed deed, Actor caller)
    {
        var name = user!.Name;
        switch (deed)
        {
            case Deed.SetPassword:
                await Users.ChangeAsync(name, form.Password, null, null, caller, Left);
                return "The password was set.";
            case Deed.ClearPassword:
                await Users.ClearPasswordAsync(name, caller, Left);
                return "The password was removed.";
            case Deed.SetGroups:
                await Users.ChangeAsync(name, null, form.GroupList, null, caller, Left);
                return "The groups were set.";
            case Deed.Disable:
                bool disables = !user.IsDisabled;
                await Users.ChangeAsync(name, null, null, disables, caller, Left);
                return disables ? "The user is kept out." : "The user is let in again.";
            case Deed.Remove:
                await Users.RemoveAsync(name, caller, Left);
                return "The user was removed.";
            case Deed.CreateToken:
                if (form.Days is < 1 or > MostDays) throw new RefusedException(RefusalKind.Invalid, "expiresAt", $"allowed is a number of days from 1 to {MostDays}");
                var end = form.Days is { } days ? Time.GetUtcNow().UtcDateTime.AddDays(days) : (DateTime?)null;
                made = (await Tokens.CreateAsync(name, form.TokenName, end, caller, Left)).Token;
                return null;
            default:
                await Tokens.RevokeAsync(revoked!.Id, caller, Left);
                return "The token was revoked.";
        }
    }
}
