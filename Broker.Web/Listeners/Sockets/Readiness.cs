namespace Broker.Web.Listeners.Sockets;

/// <summary>
/// Whether one direction of a socket may have become ready since somebody looked last. One waits at most, and is called by the loop that tells. It may be told
/// too often, never too seldom: who was told tries, and waits again if nothing is there.
/// </summary>
internal struct Readiness
{
    private static readonly Action Told = () => { };

    // Null: nobody waits and nothing was told; Told: it was told and nobody has waited since; else: who waits.
    private Action? state;

    /// <summary>Begins to wait; true if it was told since the last wait, and then nobody is called.</summary>
    public bool Begin(Action ready)
    {
        if (Interlocked.CompareExchange(ref state, ready, null) is null) return false;
        Volatile.Write(ref state, null);
        return true;
    }

    /// <summary>Of the loop: calls who waits, or notes it for who waits next.</summary>
    public void Tell()
    {
        if (Volatile.Read(ref state) == Told) return;
        var waits = Interlocked.Exchange(ref state, Told);
        if (waits is null || waits == Told) return;
        Volatile.Write(ref state, null);
        waits();
    }
}
