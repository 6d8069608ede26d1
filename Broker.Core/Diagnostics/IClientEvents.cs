namespace Broker.Core.Diagnostics;

/// <summary>
/// Hears what happens to clients. It is told on read loops and under locks of sessions, so it must not wait, call back or throw; and it must stay small
/// whatever comes, as nothing slows down for it.
/// </summary>
public interface IClientEvents
{
    /// <summary>Something happened. Events of one client come in order.</summary>
    void Tell(ClientEvent happened);

    /// <summary>Messages of a client are being dropped: asks to look at its tally now and then until it is released. A tally comes once until then.</summary>
    void Dropped(DropTally tally);
}

/// <summary>Hears nothing: for a broker whose host keeps no history.</summary>
internal sealed class NoClientEvents : IClientEvents
{
    public static readonly NoClientEvents Instance = new();

    public void Tell(ClientEvent happened)
    {
    }

    public void Dropped(DropTally tally)
    {
    }
}
