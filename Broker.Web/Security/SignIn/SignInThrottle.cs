using System.Net;
using System.Net.Sockets;

namespace Broker.Web.Security.SignIn;

/// <summary>
/// Slows down whoever guesses passwords. Counted is the pair of account and address, so that nobody locks an administrator out from elsewhere; an address that tries many
/// accounts is slowed down too. An attempt counts as failed from its beginning, so that many at once are no way around it.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="freeOfPair">How often an account may fail from one address before the next attempt has to wait.</param>
/// <param name="freeOfAddress">How often all attempts of one address may fail before the next has to wait.</param>
/// <param name="longest">Longest time to wait; null for 15 minutes.</param>
internal sealed class SignInThrottle(TimeProvider time, int freeOfPair = SignInThrottle.FreeOfPair, int freeOfAddress = SignInThrottle.FreeOfAddress, TimeSpan? longest = null)
{
    /// <summary>How often an account may fail from one address before the next attempt has to wait.</summary>
    public const int FreeOfPair = 5;

    /// <summary>How often all attempts of one address may fail.</summary>
    public const int FreeOfAddress = 50;

    private const int MostRemembered = 10_000, Doublings = 10;

    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<(string? Account, string Address), Failures> remembered = [];
    private long order;

    private TimeSpan Longest { get; } = longest ?? TimeSpan.FromMinutes(15);

    /// <summary>How many accounts and addresses are remembered.</summary>
    public int Remembered
    {
        get { lock (gate) return remembered.Count; }
    }

    /// <summary>Begins an attempt.</summary>
    /// <returns>Null to go on; else how long to wait first.</returns>
    public TimeSpan? TryBegin(string account, IPAddress? from)
    {
        var address = NetworkOf(from);
        var now = time.GetUtcNow();
        lock (gate)
        {
            var (pair, all) = (Find((account, address)), Find((null, address)));
            var until = pair.Until > all.Until ? pair.Until : all.Until;
            if (until > now) return until - now;
            Remember((account, address), pair.Next(now, freeOfPair, Longest));
            Remember((null, address), all.Next(now, freeOfAddress, Longest));
            return null;
        }
    }

    /// <summary>The attempt was no guess: what it counted for is taken back.</summary>
    public void Succeed(string account, IPAddress? from)
    {
        var address = NetworkOf(from);
        lock (gate)
        {
            remembered.Remove((account, address));
            if (remembered.TryGetValue((null, address), out var all)) remembered[(null, address)] = all with { Count = all.Count - 1, Until = default };
        }
    }

    private Failures Find((string?, string) key) =>
        remembered.TryGetValue(key, out var failures) && time.GetUtcNow() - failures.Last < Forgotten ? failures : default;

    private void Remember((string?, string) key, Failures failures)
    {
        if (remembered.Count >= MostRemembered && !remembered.ContainsKey(key)) ForgetHalf();
        remembered[key] = failures with { Order = ++order };
    }

    // Those that failed longest ago.
    private void ForgetHalf()
    {
        var middle = remembered.Values.Select(failures => failures.Order).Order().ElementAt(remembered.Count / 2);
        foreach (var (key, failures) in remembered)
            if (failures.Order < middle) remembered.Remove(key);
    }

    // Whoever has one address of IPv6 has the 2^64 of its network.
    internal static string NetworkOf(IPAddress? address)
    {
        if (Actor.Plain(address) is not { } plain) return "";
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? new IPNetwork(Masked(plain), 64).ToString() : plain.ToString();
    }

    private static IPAddress Masked(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private readonly record struct Failures(int Count, DateTimeOffset Until, DateTimeOffset Last)
    {
        public long Order { get; init; }

        public Failures Next(DateTimeOffset now, int free, TimeSpan longest)
        {
            var wait = Count + 1 < free ? TimeSpan.Zero : TimeSpan.FromSeconds(1 << Math.Min(Count + 1 - free, Doublings));
            return new Failures(Count + 1, now + (wait < longest ? wait : longest), now);
        }
    }
}
