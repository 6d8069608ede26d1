namespace Broker.Web.Listeners.Tls;

/// <summary>Why a handshake was refused.</summary>
internal enum HandshakeRefusal
{
    /// <summary>The client showed no certificate where one is required.</summary>
    Missing,

    /// <summary>It leads to none of the authorities.</summary>
    UnknownAuthority,

    /// <summary>It, or an authority of its chain, has expired.</summary>
    Expired,

    /// <summary>It, or an authority of its chain, is not valid yet.</summary>
    NotYetValid,

    /// <summary>It is not made for clients.</summary>
    WrongUsage,

    /// <summary>It, or an authority of its chain, is revoked.</summary>
    Revoked,

    /// <summary>There is no revocation list of its issuer that is current.</summary>
    NoRevocationList,

    /// <summary>The user name is to be taken from it, and it gives none.</summary>
    NoUserName,

    /// <summary>Its chain is wrong in another way.</summary>
    Other,
}

/// <summary>The handshakes that a listener or endpoint has refused for what clients showed as certificate.</summary>
internal sealed class HandshakeRefusals
{
    private const int Minutes = 10;

    private readonly Lock gate = new();
    private readonly long[] byReason = new long[Enum.GetValues<HandshakeRefusal>().Length];
    private readonly (long Minute, int Count)[] lately = new (long, int)[Minutes];

    /// <summary>One was refused.</summary>
    public void Add(HandshakeRefusal reason, DateTimeOffset now)
    {
        long minute = MinuteOf(now);
        lock (gate)
        {
            byReason[(int)reason]++;
            ref var slot = ref lately[minute % Minutes];
            slot = (minute, slot.Minute == minute ? slot.Count + 1 : 1);
        }
    }

    /// <summary>How many since the start.</summary>
    public long Of(HandshakeRefusal reason)
    {
        lock (gate) return byReason[(int)reason];
    }

    /// <summary>How many in the last ten minutes.</summary>
    public int Lately(DateTimeOffset now)
    {
        long minute = MinuteOf(now);
        lock (gate) return lately.Where(slot => slot.Minute > minute - Minutes).Sum(slot => slot.Count);
    }

    private static long MinuteOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / 60;
}
