using Broker.Core.Protocol;

namespace Broker.Tests.Protocol;

/// <summary>SUBSCRIBE, UNSUBSCRIBE and their answers.</summary>
public static partial class GoldenPackets
{
    private static IEnumerable<GoldenPacket> Subscribing =>
    [
        Client("SUBSCRIBE of MQTT 3.1.1", V311, new Subscribe(10, [new("a/b", new(QualityOfService.AtLeastOnce)), new("#", new(QualityOfService.ExactlyOnce))]),
            "82 0C 00 0A 00 03 'a/b' 01 00 01 '#' 02"),
        new("SUBSCRIBE of MQTT 3.1, sent before", V31, Sender.Client, "8A 06 00 01 00 01 'a' 00")
        {
            Packet = new Subscribe(1, [new("a", new(QualityOfService.AtMostOnce))]),
            IsCanonical = false,
        },
        Client("SUBSCRIBE of MQTT 5 with every option and property", V5, new Subscribe(1,
        [
            new("a", new(QualityOfService.ExactlyOnce, NoLocal: true)),
            new("b", new(QualityOfService.AtLeastOnce, RetainAsPublished: true, RetainHandling: 1)),
            new("$share/g/c", new(QualityOfService.AtMostOnce, RetainHandling: 2)),
        ])
        {
            Properties = With(PropertyId.SubscriptionIdentifier, 128).AddUserProperty("n", "v").Build(),
        }, """
            82 22 00 01
            0A
            0B 80 01                # Subscription Identifier
            26 00 01 'n' 00 01 'v'  # User Property
            
            00 01 'a' 06            # QoS 2, No Local
            00 01 'b' 19            # QoS 1, Retain As Published, Retain Handling 1
            00 0A '$share/g/c' 20   # QoS 0, Retain Handling 2
            """),
        Client("SUBSCRIBE with an invalid filter, which fails alone", V5, new Subscribe(1, [new("a#", default), new("", default)]), "82 0B 00 01 00 00 02 'a#' 00 00 00 00"),
        Server("SUBACK of MQTT 3.1.1", V311, new SubAck(10, [ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS2, ReasonCode.UnspecifiedError]),
            "90 06 00 0A 00 01 02 80"),
        Server("SUBACK of MQTT 5", V5, new SubAck(1, [ReasonCode.TopicFilterInvalid, ReasonCode.GrantedQoS2]), "90 05 00 01 00 8F 02"),
        Server("SUBACK with every property", V5, new SubAck(1, [ReasonCode.Success]) { Properties = With(PropertyId.ReasonString, "r").AddUserProperty("n", "v").Build() },
            "90 0F 00 01 0B 1F 00 01 'r' 26 00 01 'n' 00 01 'v' 00"),
        Client("UNSUBSCRIBE of MQTT 3.1.1", V311, new Unsubscribe(3, ["a/b", "+"]), "A2 0A 00 03 00 03 'a/b' 00 01 '+'"),
        new("UNSUBSCRIBE of MQTT 3.1, sent before", V31, Sender.Client, "AA 05 00 03 00 01 'a'") { Packet = new Unsubscribe(3, ["a"]), IsCanonical = false },
        Client("UNSUBSCRIBE of MQTT 5", V5, new Unsubscribe(3, ["a"]) { Properties = User("n", "v") }, "A2 0D 00 03 07 26 00 01 'n' 00 01 'v' 00 01 'a'"),
        Server("UNSUBACK of MQTT 3.1.1", V311, new UnsubAck(3, []), "B0 02 00 03"),
        Server("UNSUBACK of MQTT 5", V5, new UnsubAck(3, [ReasonCode.Success, ReasonCode.NoSubscriptionExisted]), "B0 05 00 03 00 00 11"),
        Server("UNSUBACK with every property", V5, new UnsubAck(3, [ReasonCode.NotAuthorized]) { Properties = With(PropertyId.ReasonString, "r").AddUserProperty("n", "v").Build() },
            "B0 0F 00 03 0B 1F 00 01 'r' 26 00 01 'n' 00 01 'v' 87"),
    ];

    private static IEnumerable<GoldenPacket> SubscribeViolations =>
    [
        Bad("SUBSCRIBE without its fixed header flags, MQTT 5", V5, ReasonCode.MalformedPacket, "80 07 00 01 00 00 01 'a' 00"),
        Bad("SUBSCRIBE without its fixed header flags, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "80 06 00 01 00 01 'a' 00"),
        Bad("SUBSCRIBE with DUP, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "8A 06 00 01 00 01 'a' 00"),
        Bad("SUBSCRIBE with packet identifier 0, MQTT 5", V5, ReasonCode.ProtocolError, "82 07 00 00 00 00 01 'a' 00"),
        Bad("SUBSCRIBE with packet identifier 0, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "82 06 00 00 00 01 'a' 00"),
        Bad("SUBSCRIBE without a filter, MQTT 5", V5, ReasonCode.ProtocolError, "82 03 00 01 00"),
        Bad("SUBSCRIBE without a filter, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "82 02 00 01"),
        Bad("SUBSCRIBE without options", V5, ReasonCode.MalformedPacket, "82 06 00 01 00 00 01 'a'"),
        Bad("SUBSCRIBE with a filter that is not UTF-8, MQTT 5", V5, ReasonCode.MalformedPacket, "82 07 00 01 00 00 01 FF 00"),
        Bad("SUBSCRIBE with a filter that is not UTF-8, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "82 06 00 01 00 01 FF 00"),
        Bad("SUBSCRIBE with U+0000 in a filter, MQTT 5", V5, ReasonCode.MalformedPacket, "82 07 00 01 00 00 01 00 00"),
        Bad("SUBSCRIBE with U+0000 in a filter, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "82 06 00 01 00 01 00 00"),
        Bad("SUBSCRIBE with QoS 3, MQTT 5", V5, ReasonCode.ProtocolError, "82 07 00 01 00 00 01 'a' 03"),
        Bad("SUBSCRIBE with QoS 3, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "82 06 00 01 00 01 'a' 03"),
        Bad("SUBSCRIBE with reserved bits in the options, MQTT 5", V5, ReasonCode.MalformedPacket, "82 07 00 01 00 00 01 'a' 40"),
        Bad("SUBSCRIBE with the other reserved bit in the options, MQTT 5", V5, ReasonCode.MalformedPacket, "82 07 00 01 00 00 01 'a' 80"),
        Bad("SUBSCRIBE with reserved bits in the QoS byte, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "82 06 00 01 00 01 'a' 04"),
        Bad("SUBSCRIBE with Retain Handling 3", V5, ReasonCode.ProtocolError, "82 07 00 01 00 00 01 'a' 30"),
        Bad("SUBSCRIBE with subscription identifier 0", V5, ReasonCode.ProtocolError, "82 09 00 01 02 0B 00 00 01 'a' 00"),
        Bad("SUBSCRIBE with a subscription identifier twice", V5, ReasonCode.ProtocolError, "82 0B 00 01 04 0B 01 0B 02 00 01 'a' 00"),
        Bad("SUBSCRIBE with a subscription identifier over four bytes", V5, ReasonCode.MalformedPacket, "82 0D 00 01 06 0B FF FF FF FF 01 00 01 'a' 00"),
        Bad("SUBSCRIBE with a property of another packet", V5, ReasonCode.MalformedPacket, "82 0B 00 01 04 1F 00 01 'r' 00 01 'a' 00"),
        Bad("SUBSCRIBE of MQTT 5 without properties", V5, ReasonCode.MalformedPacket, "82 02 00 01"),
        Bad("SUBACK from a client", V5, ReasonCode.ProtocolError, "90 04 00 01 00 00"),
        BadFromServer("SUBACK with a code that 3.1.1 does not know", V311, ReasonCode.ProtocolError, "90 03 00 01 87"),
        BadFromServer("SUBACK with a code of another packet", V5, ReasonCode.ProtocolError, "90 04 00 01 00 11"),
        Bad("UNSUBSCRIBE without its fixed header flags, MQTT 5", V5, ReasonCode.MalformedPacket, "A0 06 00 01 00 00 01 'a'"),
        Bad("UNSUBSCRIBE without its fixed header flags, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "A0 05 00 01 00 01 'a'"),
        Bad("UNSUBSCRIBE with packet identifier 0", V5, ReasonCode.ProtocolError, "A2 06 00 00 00 00 01 'a'"),
        Bad("UNSUBSCRIBE with packet identifier 0, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "A2 05 00 00 00 01 'a'"),
        Bad("UNSUBSCRIBE without a filter, MQTT 5", V5, ReasonCode.ProtocolError, "A2 03 00 01 00"),
        Bad("UNSUBSCRIBE without a filter, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "A2 02 00 01"),
        Bad("UNSUBSCRIBE with a filter that is not UTF-8, MQTT 5", V5, ReasonCode.MalformedPacket, "A2 06 00 01 00 00 01 FF"),
        Bad("UNSUBSCRIBE with a filter that is not UTF-8, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "A2 05 00 01 00 01 FF"),
        Bad("UNSUBSCRIBE with bytes between its filters, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "A2 09 00 01 00 01 'a' 01 00 01 'b'"),
        Bad("UNSUBSCRIBE with a subscription identifier", V5, ReasonCode.MalformedPacket, "A2 08 00 01 02 0B 01 00 01 'a'"),
        Bad("UNSUBACK from a client", V5, ReasonCode.ProtocolError, "B0 04 00 01 00 00"),
        BadFromServer("UNSUBACK with a code of another packet", V5, ReasonCode.ProtocolError, "B0 04 00 01 00 01"),
        BadFromServer("UNSUBACK with bytes left over, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "B0 03 00 01 00"),
        BadFromServer("SUBSCRIBE from the server", V5, ReasonCode.ProtocolError, "82 07 00 01 00 00 01 'a' 00"),
        BadFromServer("UNSUBSCRIBE from the server", V5, ReasonCode.ProtocolError, "A2 06 00 01 00 00 01 'a'"),
    ];
}
