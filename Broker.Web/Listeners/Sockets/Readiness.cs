namespace Broker.Web.Listeners.Sockets;

/// <summary>
/// Whether one direction of a socket may have become ready since somebody looked last. One waits at most, and is called by the loop that tells. It may be told
/// too often, never too seldom: who was told tries, and waits again if nothing is there.
/// </summary>
internal struct Readiness
{
    private const int Nothing = 0, Told = 1, Awaited = 2;

    private int state;

    /// <summary>Begins to wait; true if it was told since the last wait, and then nobody is called.</summary>
    public bool Begin()
    {
        if (Interlocked.CompareExchange(ref state, Awaited, Nothing) == Nothing) return false;
        Volatile.Write(ref state, Nothing);
        return true;
    }

    /// <summary>Of the loop: notes it for who waits next.</summary>
    /// <returns>Whether somebody waits, whom the loop now calls.</returns>
    public bool Tell()
    {
        if (Volatile.Read(ref state) == Told || Interlocked.Exchange(ref state, Told) != Awaited) return false;
        Volatile.Write(ref state, Nothing);
        return true;
    }
}
