namespace Broker.Core.Access;

/// <summary>What has let a client in may come to be worth nothing while the client is connected; its connection ends then. May be asked for from any thread.</summary>
public sealed class Revocation
{
    private readonly CancellationTokenSource source = new();
    private string? why;

    /// <summary>Fires when it happens.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Why it happened, in words for operators; empty before.</summary>
    public string Why => Volatile.Read(ref why) ?? "";

    /// <summary>It happens now, unless it has before.</summary>
    /// <param name="reason">Why, in words for operators; the client is not told.</param>
    public void Revoke(string reason)
    {
        if (Interlocked.CompareExchange(ref why, reason, null) is null) source.Cancel();
    }
}
