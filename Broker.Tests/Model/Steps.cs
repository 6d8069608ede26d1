using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <summary>One step of a script: what one client does, or that time passes. Its text is what a reader sees of it.</summary>
/// <param name="Client">The client's number.</param>
public abstract record Step(int Client)
{
    /// <summary>The client's name.</summary>
    protected string Name => NameOf(Client);

    /// <summary>The client identifier of a client.</summary>
    public static string NameOf(int client) => $"c{client}";
}

/// <summary>The will that a client leaves; without delay and expiry before MQTT 5.</summary>
public sealed record WillWish(string Topic, string Payload, QualityOfService QoS, bool Retain, uint Delay, uint? Expiry)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $", will '{Payload}' to {Topic} QoS {(int)QoS}{(Retain ? " retained" : "")}{(Delay > 0 ? $" after {Delay} s" : "")}{(Expiry is { } seconds ? $" expiring in {seconds} s" : "")}";
}

/// <summary>CONNECT: a first connection, a return, or a take-over.</summary>
public sealed record ConnectStep(int Client, ProtocolVersion Version, bool CleanStart, uint Expiry, ushort ReceiveMaximum, ushort Aliases, WillWish? Will) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} connects with {Version}{(CleanStart ? ", clean" : "")}"
        + (Version == ProtocolVersion.V5 ? $", expiry {Expiry}, receive maximum {ReceiveMaximum}, aliases {Aliases}" : "") + Will;
}

/// <summary>The connection breaks off, perhaps in the middle of a packet.</summary>
public sealed record DropStep(int Client, bool InPacket) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} drops{(InPacket ? " in the middle of a packet" : "")}";
}

/// <summary>DISCONNECT, in MQTT 5 perhaps with the will left to be published or with another session expiry.</summary>
public sealed record LeaveStep(int Client, bool WithWill, uint? Expiry) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} disconnects{(WithWill ? " with its will" : "")}{(Expiry is { } seconds ? $", expiry {seconds}" : "")}";
}

/// <summary>SUBSCRIBE.</summary>
public sealed record SubscribeStep(int Client, IReadOnlyList<SubscriptionRequest> Requests, uint Identifier) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} subscribes to {string.Join(" and ", Requests.Select(Wish))}{(Identifier > 0 ? $", identifier {Identifier}" : "")}";

    private static string Wish(SubscriptionRequest request)
    {
        var options = request.Options;
        return $"{request.Filter} QoS {(int)options.QoS}{(options.NoLocal ? " no local" : "")}{(options.RetainAsPublished ? " retain as published" : "")}"
            + (options.RetainHandling > 0 ? $" retain handling {options.RetainHandling}" : "");
    }
}

/// <summary>UNSUBSCRIBE.</summary>
public sealed record UnsubscribeStep(int Client, IReadOnlyList<string> Filters) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} unsubscribes from {string.Join(" and ", Filters)}";
}

/// <summary>PUBLISH; with a packet identifier that was not released at QoS 2, a duplicate.</summary>
public sealed record PublishStep(
    int Client, string Topic, string Payload, QualityOfService QoS, bool Retain, ushort Identifier, uint? Expiry, string? User) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} publishes '{Payload}' to {Topic} QoS {(int)QoS}{(QoS > 0 ? $" with identifier {Identifier}" : "")}{(Retain ? " retained" : "")}"
        + $"{(Expiry is { } seconds ? $" expiring in {seconds} s" : "")}{(User is null ? "" : $" with user property {User}")}";
}

/// <summary>PUBREL for a QoS 2 message that the client published.</summary>
public sealed record ReleaseStep(int Client, ushort Identifier) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} releases {Identifier}";
}

/// <summary>The next acknowledgement for one of the messages that the client has received, counted from the oldest.</summary>
/// <param name="Client">The client's number.</param>
/// <param name="Which">Which one; counted round.</param>
/// <param name="Again">Whether PUBREC is sent again where PUBCOMP is due.</param>
/// <param name="Refuse">Whether an MQTT 5 client refuses the message.</param>
public sealed record AcknowledgeStep(int Client, int Which, bool Again, bool Refuse) : Step(Client)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name} acknowledges number {Which} of what it has received{(Again ? ", with PUBREC again if it was received" : "")}{(Refuse ? ", refusing it" : "")}";
}

/// <summary>An acknowledgement for a packet identifier that stands for nothing.</summary>
public sealed record StrayStep(int Client, ControlPacketType Type) : Step(Client)
{
    /// <summary>The packet identifier, one that nothing uses.</summary>
    public const ushort Identifier = 60_000;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} sends a stray {Type}";
}

/// <summary>Time passes.</summary>
public sealed record WaitStep(int Seconds) : Step(-1)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Seconds} s pass";
}
