using Broker.Core.Protocol;

namespace Broker.Tests.Protocol;

/// <summary>PINGREQ, PINGRESP, DISCONNECT, AUTH, and fixed headers that belong to no packet.</summary>
public static partial class GoldenPackets
{
    private static IEnumerable<GoldenPacket> Ending =>
    [
        Client("PINGREQ", V311, default(PingReq), "C0 00"),
        Server("PINGRESP", V5, default(PingResp), "D0 00"),
        Client("DISCONNECT of MQTT 3.1.1", V311, new Disconnect(), "E0 00"),
        Client("DISCONNECT of MQTT 5, short", V5, new Disconnect(), "E0 00"),
        new("DISCONNECT with reason code 0 spelled out", V5, Sender.Client, "E0 01 00") { Packet = new Disconnect(), IsCanonical = false },
        new("DISCONNECT with reason code 0 and no properties spelled out", V5, Sender.Client, "E0 02 00 00") { Packet = new Disconnect(), IsCanonical = false },
        Client("DISCONNECT with will message", V5, new Disconnect(ReasonCode.DisconnectWithWillMessage), "E0 01 04"),
        Client("DISCONNECT with every property that a client may send", V5, new Disconnect
        {
            Properties = With(PropertyId.SessionExpiryInterval, 10).Add(PropertyId.ReasonString, "bye").AddUserProperty("n", "v").Build(),
        }, "E0 14 00 12 11 00 00 00 0A 1F 00 03 'bye' 26 00 01 'n' 00 01 'v'"),
        Server("DISCONNECT with every property that a server may send", V5, new Disconnect(ReasonCode.ServerMoved)
        {
            Properties = With(PropertyId.ServerReference, "other:1883").Add(PropertyId.ReasonString, "moved").AddUserProperty("n", "v").Build(),
        }, "E0 1E 9D 1C 1C 00 0A 'other:1883' 1F 00 05 'moved' 26 00 01 'n' 00 01 'v'"),
        Client("AUTH that continues", V5, new Auth(ReasonCode.ContinueAuthentication)
        {
            Properties = With(PropertyId.AuthenticationMethod, "m").Add(PropertyId.AuthenticationData, [1, 2]).Add(PropertyId.ReasonString, "r").AddUserProperty("n", "v").Build(),
        }, "F0 16 18 14 15 00 01 'm' 16 00 02 01 02 1F 00 01 'r' 26 00 01 'n' 00 01 'v'"),
        Client("AUTH that begins again", V5, new Auth(ReasonCode.ReAuthenticate) { Properties = With(PropertyId.AuthenticationMethod, "m").Build() }, "F0 06 19 04 15 00 01 'm'"),
        Server("AUTH that succeeds, short", V5, new Auth(ReasonCode.Success), "F0 00"),
    ];

    private static IEnumerable<GoldenPacket> EndViolations =>
    [
        Bad("PINGREQ with fixed header flags", V5, ReasonCode.MalformedPacket, "C1 00"),
        Bad("PINGREQ with fixed header flags, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "C2 00"),
        Bad("PINGREQ with bytes left over", V5, ReasonCode.MalformedPacket, "C0 01 00"),
        Bad("PINGREQ with bytes left over, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "C0 01 00"),
        Bad("PINGRESP from a client", V5, ReasonCode.ProtocolError, "D0 00"),
        BadFromServer("PINGREQ from the server", V5, ReasonCode.ProtocolError, "C0 00"),
        Bad("DISCONNECT with fixed header flags, MQTT 5", V5, ReasonCode.MalformedPacket, "E1 00"),
        Bad("DISCONNECT with fixed header flags, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "E1 00"),
        Bad("DISCONNECT with bytes left over, MQTT 5", V5, ReasonCode.MalformedPacket, "E0 03 00 00 00"),
        Bad("DISCONNECT with bytes left over, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "E0 01 00"),
        Bad("DISCONNECT with a reason code that the server alone may send", V5, ReasonCode.ProtocolError, "E0 01 8E"),
        Bad("DISCONNECT with an undefined reason code", V5, ReasonCode.ProtocolError, "E0 01 FF"),
        Bad("DISCONNECT with a Server Reference from a client", V5, ReasonCode.ProtocolError, "E0 06 9C 04 1C 00 01 's'"),
        Bad("DISCONNECT with Session Expiry Interval twice", V5, ReasonCode.ProtocolError, "E0 0C 00 0A 11 00 00 00 01 11 00 00 00 01"),
        Bad("DISCONNECT with a property of another packet", V5, ReasonCode.MalformedPacket, "E0 05 00 03 21 00 01"),
        BadFromServer("DISCONNECT with Session Expiry Interval from the server", V5, ReasonCode.ProtocolError, "E0 07 00 05 11 00 00 00 01"),
        BadFromServer("DISCONNECT with will message from the server", V5, ReasonCode.ProtocolError, "E0 01 04"),
        BadFromServer("DISCONNECT from the server, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "E0 00"),
        Bad("AUTH with fixed header flags", V5, ReasonCode.MalformedPacket, "F1 06 18 04 15 00 01 'm'"),
        Bad("AUTH before MQTT 5", V311, ReasonCode.MalformedPacket, "F0 00"),
        Bad("AUTH of success from a client", V5, ReasonCode.ProtocolError, "F0 06 00 04 15 00 01 'm'"),
        Bad("AUTH with an undefined reason code", V5, ReasonCode.ProtocolError, "F0 06 1A 04 15 00 01 'm'"),
        Bad("AUTH without an Authentication Method", V5, ReasonCode.ProtocolError, "F0 05 18 03 16 00 00"),
        Bad("AUTH with an Authentication Method twice", V5, ReasonCode.ProtocolError, "F0 0A 18 08 15 00 01 'm' 15 00 01 'm'"),
        Bad("AUTH with bytes left over", V5, ReasonCode.MalformedPacket, "F0 07 18 04 15 00 01 'm' 00"),
        BadFromServer("AUTH that begins again from the server", V5, ReasonCode.ProtocolError, "F0 06 19 04 15 00 01 'm'"),
    ];

    private static IEnumerable<GoldenPacket> FrameViolations =>
    [
        Bad("packet type 0, MQTT 5", V5, ReasonCode.MalformedPacket, "00 00"),
        Bad("packet type 0, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "00 00"),
        Bad("a Remaining Length over four bytes, MQTT 5", V5, ReasonCode.MalformedPacket, "30 80 80 80 80 01"),
        Bad("a Remaining Length over four bytes, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "30 FF FF FF FF 01"),
        Bad("a Remaining Length that is longer than it needs to be", V5, ReasonCode.MalformedPacket, "C0 80 00"),
        Bad("a Remaining Length of three bytes that is longer than it needs to be", V5, ReasonCode.MalformedPacket, "C0 80 80 00"),
        Bad("a packet larger than allowed", V5, ReasonCode.PacketTooLarge, "30 FF FF FF 7F"),
        Bad("a packet larger than allowed, MQTT 3.1.1", V311, ReasonCode.PacketTooLarge, "30 FF FF FF 7F"),
    ];
}
