using Broker.Web.Persistence.Model;
using Microsoft.AspNetCore.Authentication;

namespace Broker.Web.Security.SignIn;

/// <summary>Begins a session of the dashboard.</summary>
internal sealed partial class SignInSession(Accounts accounts, ILogger<SignInSession> log)
{
    /// <summary>Gives the browser the cookie of a new session.</summary>
    public async Task BeginAsync(HttpContext http, AdministratorRow account)
    {
        var address = Actor.AddressOf(http);
        await http.SignInAsync(SessionCookie.Name, Claims.Of(account, address, SessionCookie.Name)).ConfigureAwait(false);
        try
        {
            await accounts.NoteSignInAsync(account.Name, new Actor(account.Name, address), http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotNoted(log, account.Name, failure.Message); // while the store is away an operator can still look what is wrong
        }
    }

    /// <summary>Gives the browser the cookie of a new session in place of one that ended with a change that its owner made.</summary>
    public async Task RenewAsync(HttpContext http)
    {
        if (accounts.All.FirstOrDefault(account => account.Name == http.User.Identity?.Name) is { } account)
            await http.SignInAsync(SessionCookie.Name, Claims.Of(account, Actor.AddressOf(http), SessionCookie.Name)).ConfigureAwait(false);
    }

    /// <summary>Where to go on: the path that was asked for, if it is one of this host, or else the first page.</summary>
    public static string LocalPath(HttpContext http, string? asked) =>
        asked is ['/', not ('/' or '\\'), ..] && !asked.Any(char.IsControl) ? asked : $"{http.Request.PathBase}/";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign-in of {Name} could not be noted: {Why}")]
    private static partial void LogNotNoted(ILogger log, string name, string why);
}
