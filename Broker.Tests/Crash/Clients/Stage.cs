using Broker.Tests.Crash.Accounts;

namespace Broker.Tests.Crash.Clients;

/// <summary>What all clients share: the ledger, where the broker is, and what the run wants of them.</summary>
internal sealed class Stage(Ledger ledger, Cast cast, int rate) : IDisposable
{
    private readonly ManualResetEventSlim open = new(false), curtain = new(false);

    public Ledger Ledger => ledger;

    public Cast Cast => cast;

    /// <summary>Messages a second that each publisher may send; 0 for as many as it can.</summary>
    public int RatePerPublisher { get; } = rate / Math.Max(1, cast.Clients.Count(client => client.Conduct == Conduct.Publisher));

    /// <summary>The broker's port.</summary>
    public int Port { get; set; }

    /// <summary>Whether new messages are published.</summary>
    public volatile bool IsPublishing;

    /// <summary>Whether everybody is to be there and behave, so that everything gets done.</summary>
    public volatile bool IsDraining;

    /// <summary>Whether the clients are to end.</summary>
    public volatile bool IsOver;

    /// <summary>Whether the broker was killed, or is about to be: connections that end are no surprise then.</summary>
    public volatile bool IsDark;

    /// <summary>How often a connection ended although the broker lives and the client did not want it.</summary>
    public long Surprises;

    /// <summary>The broker is there; publishers wait until <see cref="LetPublishersIn"/>.</summary>
    public void LetSubscribersIn() => open.Set();

    public void LetPublishersIn() => curtain.Set();

    /// <summary>The broker is about to be killed.</summary>
    public void Close()
    {
        open.Reset();
        curtain.Reset();
    }

    /// <summary>Waits until this client may connect; false when it never will.</summary>
    public bool WaitForBroker(bool isPublisher)
    {
        var gate = isPublisher ? curtain : open;
        while (!gate.Wait(50))
            if (IsOver) return false;
        return !IsOver;
    }

    /// <summary>All clients end.</summary>
    public void End()
    {
        IsOver = true;
        open.Set();
        curtain.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        open.Dispose();
        curtain.Dispose();
    }
}
