using Broker.Core;
using Broker.Web.Persistence;

namespace Broker.Web.Security.Users;

/// <summary>
/// The clients that users and tokens of the store have let in, for as long as they are connected. When users are changed, each is compared with the store, and those end
/// whose user has another password, is disabled or gone, or whose token was revoked.
/// </summary>
internal sealed class Admissions
{
    private readonly UserLookup lookup;
    private readonly bool configured;
    private readonly Lock gate = new();
    private readonly HashSet<Admitted> admitted = [];
    private volatile int rounds;
    private bool? stored;
    private int doubts;

    public Admissions(UserLookup lookup, RevisionWatch watch, BrokerOptions options)
    {
        (this.lookup, this.configured) = (lookup, options.Users.Count > 0);
        watch.On(Revisions.Users, CompareAsync);
    }

    /// <summary>How often they were compared. Who lets a client in by what it read before the latest time reads again.</summary>
    public int Rounds => rounds;

    /// <summary>Whether there is any user, in the configuration or, as far as is known, in the store; null before the first look there.</summary>
    public bool? HasUsers => configured ? true : stored;

    /// <summary>Users were changed just now, by this process: that there were none does not count any more.</summary>
    public void Doubt()
    {
        lock (gate) (stored, doubts) = (stored == true ? true : null, doubts + 1);
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get { lock (gate) return admitted.Count; }
    }

    /// <summary>A client is let in.</summary>
    /// <param name="user">As which user.</param>
    /// <param name="stamp">The user's security stamp.</param>
    /// <param name="token">By which token, or null.</param>
    /// <param name="ended">Fires when its connection ends.</param>
    /// <returns>Fires when it has to go.</returns>
    public CancellationToken Add(string user, string stamp, string? token, CancellationToken ended)
    {
        var one = new Admitted(user, stamp, token);
        lock (gate) admitted.Add(one);
        ended.UnsafeRegister(_ =>
        {
            lock (gate) admitted.Remove(one);
        }, null);
        return one.Revoked;
    }

    // The round is counted first: a client that is let in from here on by an older state is read again by whoever lets it in, or stands in the list.
    private async Task CompareAsync(CancellationToken cancellation)
    {
        int before;
        lock (gate) before = doubts;
        bool any = await lookup.AnyAsync(cancellation).ConfigureAwait(false);
        lock (gate) stored = any || before == doubts ? any : null;
        Interlocked.Increment(ref rounds);
        Admitted[] all;
        lock (gate) all = [.. admitted];
        if (all.Length == 0) return;
        var stamps = await lookup.StampsAsync([.. all.Select(one => one.User).Distinct()], cancellation).ConfigureAwait(false);
        var tokens = await lookup.LiveTokensAsync([.. all.Select(one => one.Token).OfType<string>().Distinct()], cancellation).ConfigureAwait(false);
        foreach (var one in all)
            if (!stamps.Contains((one.User, one.Stamp)) || (one.Token is not null && !tokens.Contains(one.Token))) one.Revoke();
    }

    private sealed class Admitted(string user, string stamp, string? token)
    {
        private readonly CancellationTokenSource revoked = new();

        public string User => user;

        public string Stamp => stamp;

        public string? Token => token;

        public CancellationToken Revoked => revoked.Token;

        public void Revoke() => revoked.Cancel();
    }
}
