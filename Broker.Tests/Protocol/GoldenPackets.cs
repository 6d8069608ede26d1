using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Protocol;

/// <summary>A packet as bytes, and what reading it must give: a packet, or a violation with its reason code.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Version">The connection's protocol version.</param>
/// <param name="Sender">Who sends it.</param>
/// <param name="Notation">The bytes, in the notation of <see cref="Hex"/>.</param>
public sealed record GoldenPacket(string Name, ProtocolVersion Version, Sender Sender, string Notation)
{
    /// <summary>What the bytes say; null if they break the standard.</summary>
    public IControlPacket? Packet { get; init; }

    /// <summary>The reason code that the violation carries; null if there is none.</summary>
    public ReasonCode? Violation { get; init; }

    /// <summary>Whether writing <see cref="Packet"/> gives just these bytes; other forms may be legal too.</summary>
    public bool IsCanonical { get; init; } = true;

    /// <summary>The bytes.</summary>
    public byte[] Bytes => Hex.Parse(Notation);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The golden packets, chapter by chapter. Codec tests read and write them, wire tests send the broken ones to a broker.</summary>
public static partial class GoldenPackets
{
    private const ProtocolVersion V31 = ProtocolVersion.V31, V311 = ProtocolVersion.V311, V5 = ProtocolVersion.V5;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<GoldenPacket> All { get; } =
        [.. Connecting, .. ConnectViolations, .. Publishing, .. PublishViolations, .. Acknowledging, .. AcknowledgementViolations,
            .. Subscribing, .. SubscribeViolations, .. Ending, .. EndViolations, .. FrameViolations];

    /// <summary>The golden packet of that name.</summary>
    public static GoldenPacket Named(string name) => All.Single(golden => golden.Name == name);

    /// <summary>Names of those that hold a packet.</summary>
    public static TheoryData<string> Packets => [.. All.Where(golden => golden.Packet is not null).Select(golden => golden.Name)];

    /// <summary>Names of those that break the standard.</summary>
    public static TheoryData<string> Violations => [.. All.Where(golden => golden.Packet is null).Select(golden => golden.Name)];

    private static GoldenPacket Client(string name, ProtocolVersion version, IControlPacket packet, string notation) =>
        new(name, version, Sender.Client, notation) { Packet = packet };

    private static GoldenPacket Server(string name, ProtocolVersion version, IControlPacket packet, string notation) =>
        new(name, version, Sender.Server, notation) { Packet = packet };

    private static GoldenPacket Bad(string name, ProtocolVersion version, ReasonCode reason, string notation) =>
        new(name, version, Sender.Client, notation) { Violation = reason };

    private static GoldenPacket BadFromServer(string name, ProtocolVersion version, ReasonCode reason, string notation) =>
        new(name, version, Sender.Server, notation) { Violation = reason };

    private static PropertiesBuilder With(PropertyId id, uint value) => new PropertiesBuilder().Add(id, value);

    private static PropertiesBuilder With(PropertyId id, string value) => new PropertiesBuilder().Add(id, value);

    private static Properties User(string name, string value) => new PropertiesBuilder().AddUserProperty(name, value).Build();
}
