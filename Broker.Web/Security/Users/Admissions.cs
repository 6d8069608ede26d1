using Broker.Core;
using Broker.Core.Access;
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
    private readonly Admitted<Proof> admitted = new();
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
    public int Count => admitted.Count;

    /// <summary>A client is let in.</summary>
    /// <param name="user">As which user.</param>
    /// <param name="stamp">The user's security stamp.</param>
    /// <param name="token">By which token, or null.</param>
    /// <param name="ended">Fires when its connection ends.</param>
    /// <returns>Happens when it has to go.</returns>
    public Revocation Add(string user, string stamp, string? token, CancellationToken ended) => admitted.Add(new Proof(user, stamp, token), ended).Revocation;

    // The round is counted first: a client that is let in from here on by an older state is read again by whoever lets it in, or stands in the list.
    private async Task CompareAsync(CancellationToken cancellation)
    {
        int before;
        lock (gate) before = doubts;
        bool any = await lookup.AnyAsync(cancellation).ConfigureAwait(false);
        lock (gate) stored = any || before == doubts ? any : null;
        Interlocked.Increment(ref rounds);
        var all = admitted.All;
        if (all.Count == 0) return;
        var stamps = await lookup.StampsAsync([.. all.Select(one => one.Proof.User).Distinct()], cancellation).ConfigureAwait(false);
        var tokens = await lookup.LiveTokensAsync([.. all.Select(one => one.Proof.Token).OfType<string>().Distinct()], cancellation).ConfigureAwait(false);
        foreach (var one in all)
        {
            if (!stamps.Contains((one.Proof.User, one.Proof.Stamp))) one.Revocation.Revoke("its user has another password, is disabled or gone");
            else if (one.Proof.Token is { } token && !tokens.Contains(token)) one.Revocation.Revoke($"the token {token} was revoked");
        }
    }

    private sealed record Proof(string User, string Stamp, string? Token);
}
