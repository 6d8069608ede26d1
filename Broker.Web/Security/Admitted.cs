using Broker.Core.Access;

namespace Broker.Web.Security;

/// <summary>The clients that somebody has let in, for as long as they are connected, each with what it has proven.</summary>
internal sealed class Admitted<TProof>
{
    private readonly Lock gate = new();
    private readonly HashSet<Client> clients = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get { lock (gate) return clients.Count; }
    }

    /// <summary>Those that there are now.</summary>
    public IReadOnlyList<Client> All
    {
        get { lock (gate) return [.. clients]; }
    }

    /// <summary>A client is let in.</summary>
    /// <param name="proof">What it has proven.</param>
    /// <param name="ended">Fires when its connection ends.</param>
    public Client Add(TProof proof, CancellationToken ended)
    {
        var one = new Client(proof);
        lock (gate) clients.Add(one);
        ended.UnsafeRegister(_ =>
        {
            lock (gate) clients.Remove(one);
        }, null);
        return one;
    }

    /// <summary>One of them.</summary>
    internal sealed class Client(TProof proof)
    {
        /// <summary>What it has proven.</summary>
        public TProof Proof => proof;

        /// <summary>Happens when it has to go.</summary>
        public Revocation Revocation { get; } = new();
    }
}
