using System.Collections.Concurrent;
using System.Net;
using Broker.Core.Protocol;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security.SignIn;

namespace Broker.Web.Security.Users;

/// <summary>
/// Compares passwords of clients with those of users. What was right a while ago is found in memory; everything else waits for its turn in a queue that is fair by address,
/// and clients that present the same wait for one comparison. A pair of user and address that fails often has to wait between attempts; nobody else does.
/// </summary>
internal sealed class PasswordCheck(UserPasswords passwords, PasswordRenewal renewal, TimeProvider time) : IDisposable
{
    /// <summary>How many comparisons may wait; below the number of connections that may be before CONNACK, so that tokens get past them.</summary>
    public const int MostWaiting = 1_000;

    /// <summary>How often a user may fail from one address before the next attempt has to wait: devices try again by themselves.</summary>
    public const int FreeOfPair = 20;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1), LongestWait = TimeSpan.FromMinutes(1);

    private readonly FairQueue queue = new(Math.Max(1, Environment.ProcessorCount / 2), MostWaiting);
    private readonly SignInThrottle throttle = new(time, FreeOfPair, int.MaxValue, LongestWait); // one address may be a thousand devices behind a gateway: the queue is fair instead
    private readonly RecentPasswords recent = new(time, Kept);
    private readonly ConcurrentDictionary<string, Check> checks = new(StringComparer.Ordinal);

    /// <summary>Compares.</summary>
    /// <param name="name">The name that the client gave.</param>
    /// <param name="user">The user of that name, or null: then it takes as long, and never is right.</param>
    /// <param name="password">The password.</param>
    /// <param name="isRight">Whether it is known to be right, as the name stands in the configuration: it only has to wait its time.</param>
    /// <param name="from">Where the client is.</param>
    /// <param name="cancellation">Fires when the client has gone.</param>
    /// <returns><see cref="ReasonCode.Success"/>, or why not, and that in words.</returns>
    public async ValueTask<(ReasonCode Reason, string Why)> CompareAsync(string name, UserRow? user, string password, bool isRight, IPAddress? from, CancellationToken cancellation)
    {
        string stamp = user?.SecurityStamp ?? "", account = Account(name, user);
        string key = $"{account}\n{SignInThrottle.NetworkOf(from)}\n{Convert.ToHexString(recent.HashOf(stamp, password))}";
        if (!checks.TryGetValue(key, out var check) || !check.TryJoin())
        {
            if (throttle.TryBegin(account, from) is { } wait) return (ReasonCode.ConnectionRateExceeded, $"too many attempts with a wrong password from there: the next is taken in {Math.Ceiling(wait.TotalSeconds):0} s");
            if (isRight || (user is not null && recent.Holds(name, stamp, password)))
            {
                throttle.Succeed(account, from);
                return (ReasonCode.Success, "");
            }
            check = Begin(key, account, user, password, from);
        }
        return await check.LeaveAsync(cancellation).ConfigureAwait(false) switch
        {
            null => (ReasonCode.ServerBusy, "too many passwords wait for their comparison"),
            true => (ReasonCode.Success, ""),
            false => (ReasonCode.BadUserNameOrPassword, "the user name or the password is wrong"),
        };
    }

    /// <summary>Begins an attempt that is compared elsewhere.</summary>
    /// <returns>False: there were too many wrong ones from there.</returns>
    public bool TryBegin(string name, UserRow? user, IPAddress? from) => throttle.TryBegin(Account(name, user), from) is null;

    /// <summary>An attempt that was compared elsewhere was right.</summary>
    public void Succeed(string name, UserRow? user, IPAddress? from) => throttle.Succeed(Account(name, user), from);

    public void Dispose() => queue.Dispose();

    // With another password everybody begins anew.
    private static string Account(string name, UserRow? user) => $"{(UserNames.IsPossible(name) ? name : "")}\n{user?.SecurityStamp}";

    private Check Begin(string key, string account, UserRow? user, string password, IPAddress? from)
    {
        var check = new Check();
        checks[key] = check; // should another have begun the same at this moment, both are made
        queue.Add(SignInThrottle.NetworkOf(from), () => End(Compare(check, user, password)), () => End(null));
        return check;

        void End(bool? isRight)
        {
            checks.TryRemove(KeyValuePair.Create(key, check));
            if (isRight != false) throttle.Succeed(account, from); // also where nothing was compared
            if (isRight == true) recent.Remember(user!.Name, user.SecurityStamp, password);
            check.End(isRight);
        }
    }

    private bool? Compare(Check check, UserRow? user, string password)
    {
        if (!check.TryBegin()) return null;
        try
        {
            var match = passwords.Compare(user, password);
            if (match == PasswordMatch.RightButOld) renewal.Renew(user!, password);
            return match != PasswordMatch.Wrong;
        }
        catch (Exception)
        {
            return false; // a stored hash that cannot be read is nobody's password
        }
    }

    // Those who wait for one comparison, at first whoever began it; with nobody left it is not made.
    private sealed class Check
    {
        private const int Over = -1;

        private readonly TaskCompletionSource<bool?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int waiting = 1;

        public bool TryJoin()
        {
            for (int now = Volatile.Read(ref waiting); now != Over;)
            {
                int found = Interlocked.CompareExchange(ref waiting, now + 1, now);
                if (found == now) return true;
                now = found;
            }
            return false;
        }

        public bool TryBegin() => Interlocked.CompareExchange(ref waiting, Over, 0) != 0;

        public async Task<bool?> LeaveAsync(CancellationToken cancellation)
        {
            try
            {
                return await done.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }
        }

        public void End(bool? isRight) => done.TrySetResult(isRight);
    }
}
