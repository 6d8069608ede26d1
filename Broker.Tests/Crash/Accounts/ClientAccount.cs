namespace Broker.Tests.Crash.Accounts;

/// <summary>How far the exchange of a message has come at its publisher.</summary>
internal readonly record struct InFlight(ushort Identifier, int Stream, long Number, bool IsReceived);

/// <summary>Whether a client is subscribed.</summary>
internal enum SubscriptionState
{
    None,
    Subscribing,
    Subscribed,
    Unsubscribing,
    Unsubscribed,
}

/// <summary>What a client has to remember so that it can go on where it stopped, as a client with a store of its own would.</summary>
internal sealed class ClientAccount(ClientRole role)
{
    private readonly List<InFlight> inFlight = [];
    private readonly Dictionary<ushort, (int Stream, long Number)> held = [];

    public ClientRole Role => role;

    /// <summary>Whether the broker has told that it has a session.</summary>
    public bool HasSession { get; set; }

    public SubscriptionState Subscription { get; set; }

    /// <summary>Messages that it published and that are not done, in order.</summary>
    public IReadOnlyList<InFlight> InFlight => inFlight;

    /// <summary>QoS 2 messages that it received and that were not released.</summary>
    public IReadOnlyDictionary<ushort, (int Stream, long Number)> Held => held;

    /// <summary>How many of its messages were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>The packet identifier that it used last.</summary>
    public ushort LastIdentifier { get; private set; }

    public void Send(InFlight message)
    {
        inFlight.Add(message);
        LastIdentifier = message.Identifier;
    }

    /// <summary>PUBREC came.</summary>
    public void Receive(ushort identifier)
    {
        Acknowledged++;
        int index = inFlight.FindIndex(message => message.Identifier == identifier);
        if (index >= 0) inFlight[index] = inFlight[index] with { IsReceived = true };
    }

    /// <summary>PUBACK came.</summary>
    public void Acknowledge(ushort identifier)
    {
        Acknowledged++;
        Complete(identifier);
    }

    /// <summary>The message is done.</summary>
    public void Complete(ushort identifier) => inFlight.RemoveAll(message => message.Identifier == identifier);

    public void Hold(ushort identifier, int stream, long number) => held[identifier] = (stream, number);

    public void Release(ushort identifier) => held.Remove(identifier);

    public void ForgetHeld() => held.Clear();
}
