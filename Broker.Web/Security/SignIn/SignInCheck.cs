using System.Net;
using Broker.Web.Persistence.Model;

namespace Broker.Web.Security.SignIn;

/// <summary>What came of an attempt to sign in.</summary>
/// <param name="Account">The account, if the password was its own.</param>
/// <param name="Failure">Why not, in words for whoever tried.</param>
/// <param name="Wait">How long to wait before the next attempt, where that is why.</param>
internal sealed record SignInResult(AdministratorRow? Account, string Failure, TimeSpan? Wait = null);

/// <summary>Compares names and passwords with the accounts.</summary>
internal sealed partial class SignInCheck(Credentials credentials, Passwords passwords, SignInThrottle throttle, RecentPasswords recent, ILogger<SignInCheck> log)
{
    /// <summary>Checks a name and a password.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <param name="password">The password.</param>
    /// <param name="from">Where the attempt comes from.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<SignInResult> CheckAsync(string name, string password, IPAddress? from, CancellationToken cancellation)
    {
        if (!credentials.AreKnown) return new(null, "The broker has not read its accounts yet; /health/ready says why.");
        var known = Accounts.Normalize(name);
        if (throttle.TryBegin(known, from) is { } wait)
        {
            return new(null, $"Too many attempts. Wait {Math.Ceiling(wait.TotalSeconds):0} s.", wait);
        }
        var account = credentials.Administrator(known);
        if (account is not null && recent.Holds(account.Name, account.SecurityStamp, password))
        {
            throttle.Succeed(known, from);
            return new(account, "");
        }
        switch (await passwords.IsRightAsync(account, password, cancellation).ConfigureAwait(false))
        {
            case null:
                return new(null, "Too many people sign in at this moment. Try again.", TimeSpan.FromSeconds(1));
            case false:
                LogRefused(log, known, from);
                return new(null, "The name or the password is wrong.");
            default:
                throttle.Succeed(known, from);
                recent.Remember(account!.Name, account.SecurityStamp, password);
                return new(account, "");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in as {Name} from {Address} was refused: the name or the password is wrong")]
    private static partial void LogRefused(ILogger log, string name, IPAddress? address);
}
