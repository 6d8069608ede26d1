using Broker.Core.Protocol;

namespace Broker.Tests.Protocol;

/// <summary>PUBLISH and what acknowledges it.</summary>
public static partial class GoldenPackets
{
    private static IEnumerable<GoldenPacket> Publishing =>
    [
        Client("PUBLISH at QoS 0", V311, new Publish { Topic = "a/b"u8.ToArray(), Payload = "hello"u8.ToArray() }, "30 0A 00 03 'a/b' 'hello'"),
        Client("PUBLISH of MQTT 3.1", V31, new Publish { Topic = "a"u8.ToArray(), QoS = QualityOfService.AtLeastOnce, PacketIdentifier = 1 }, "32 05 00 01 'a' 00 01"),
        Client("PUBLISH at QoS 1, retained", V311, new Publish
        {
            Topic = "t"u8.ToArray(), Payload = "x"u8.ToArray(), QoS = QualityOfService.AtLeastOnce, PacketIdentifier = 10, Retain = true,
        }, "33 06 00 01 't' 00 0A 'x'"),
        Client("PUBLISH at QoS 2, sent before", V311, new Publish
        {
            Topic = "t"u8.ToArray(), QoS = QualityOfService.ExactlyOnce, PacketIdentifier = 0xFFFF, Duplicate = true,
        }, "3C 05 00 01 't' FF FF"),
        Client("PUBLISH at QoS 0 in MQTT 5", V5, new Publish { Topic = "t"u8.ToArray() }, "30 04 00 01 't' 00"),
        Client("PUBLISH with a payload of 200 bytes", V5, new Publish { Topic = "t"u8.ToArray(), Payload = Enumerable.Repeat((byte)0xAB, 200).ToArray() },
            "30 CC 01 00 01 't' 00 AB*200"),
        Client("PUBLISH to / alone", V311, new Publish { Topic = "/"u8.ToArray() }, "30 03 00 01 '/'"),
        Client("PUBLISH to a topic that begins with U+FEFF", V311, new Publish { Topic = new byte[] { 0xEF, 0xBB, 0xBF, 0x61 } }, "30 06 00 04 EF BB BF 'a'"),
        Client("PUBLISH to a topic of four-byte characters", V5, new Publish { Topic = "\U0001F600"u8.ToArray() }, "30 07 00 04 F0 9F 98 80 00"),
        Client("PUBLISH with every property that a client may send", V5, new Publish
        {
            Topic = "t"u8.ToArray(),
            Payload = "p"u8.ToArray(),
            QoS = QualityOfService.ExactlyOnce,
            PacketIdentifier = 2,
            Properties = With(PropertyId.PayloadFormatIndicator, 1).Add(PropertyId.MessageExpiryInterval, 0xFFFF_FFFF).Add(PropertyId.TopicAlias, 7)
                .Add(PropertyId.ResponseTopic, "r/s").Add(PropertyId.CorrelationData, [0, 1, 2]).AddUserProperty("", "").AddUserProperty("b", "\u00FC")
                .Add(PropertyId.ContentType, "c").Build(),
        }, """
            34 2E  00 01 't' 00 02
            27
            01 01                     # Payload Format Indicator
            02 FF FF FF FF            # Message Expiry Interval
            23 00 07                  # Topic Alias
            08 00 03 'r/s'            # Response Topic
            09 00 03 00 01 02         # Correlation Data
            26 00 00 00 00            # User Property, empty
            26 00 01 'b' 00 02 C3 BC  # User Property
            03 00 01 'c'              # Content Type
            
            'p'
            """),
        Client("PUBLISH with a topic alias in place of the topic", V5, new Publish { Properties = With(PropertyId.TopicAlias, 1).Build() }, "30 06 00 00 03 23 00 01"),
        Server("PUBLISH to a subscriber with two subscription identifiers", V5, new Publish
        {
            Topic = "t"u8.ToArray(),
            Properties = With(PropertyId.SubscriptionIdentifier, 1).Add(PropertyId.SubscriptionIdentifier, 268_435_455).Build(),
        }, "30 0B 00 01 't' 07 0B 01 0B FF FF FF 7F"),
    ];

    private static IEnumerable<GoldenPacket> PublishViolations =>
    [
        Bad("PUBLISH at QoS 3, MQTT 5", V5, ReasonCode.MalformedPacket, "36 06 00 01 't' 00 01 00"),
        Bad("PUBLISH at QoS 3, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "36 05 00 01 't' 00 01"),
        Bad("PUBLISH at QoS 0 with DUP, MQTT 5", V5, ReasonCode.MalformedPacket, "38 04 00 01 't' 00"),
        Bad("PUBLISH at QoS 0 with DUP, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "38 03 00 01 't'"),
        Bad("PUBLISH with packet identifier 0, MQTT 5", V5, ReasonCode.ProtocolError, "32 06 00 01 't' 00 00 00"),
        Bad("PUBLISH with packet identifier 0, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "34 05 00 01 't' 00 00"),
        Bad("PUBLISH without a packet identifier", V5, ReasonCode.MalformedPacket, "32 03 00 01 't'"),
        Bad("PUBLISH with nothing in it", V311, ReasonCode.MalformedPacket, "30 00"),
        Bad("PUBLISH with + in the topic, MQTT 5", V5, ReasonCode.TopicNameInvalid, "30 06 00 03 'a/+' 00"),
        Bad("PUBLISH with # in the topic, MQTT 5", V5, ReasonCode.TopicNameInvalid, "30 06 00 03 'a/#' 00"),
        Bad("PUBLISH with + in the topic, MQTT 3.1.1", V311, ReasonCode.TopicNameInvalid, "30 05 00 03 'a/+'"),
        Bad("PUBLISH with # in the topic, MQTT 3.1.1", V311, ReasonCode.TopicNameInvalid, "32 05 00 01 '#' 00 01"),
        Bad("PUBLISH without topic and alias", V5, ReasonCode.ProtocolError, "30 03 00 00 00"),
        Bad("PUBLISH without topic, MQTT 3.1.1", V311, ReasonCode.ProtocolError, "30 02 00 00"),
        Bad("PUBLISH with U+0000 in the topic, MQTT 5", V5, ReasonCode.MalformedPacket, "30 06 00 03 'a' 00 'b' 00"),
        Bad("PUBLISH with U+0000 in the topic, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "30 05 00 03 'a' 00 'b'"),
        Bad("PUBLISH with a surrogate in the topic, MQTT 5", V5, ReasonCode.MalformedPacket, "30 06 00 03 ED A0 80 00"),
        Bad("PUBLISH with a surrogate in the topic, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "30 05 00 03 ED A0 80"),
        Bad("PUBLISH with an overlong character in the topic", V5, ReasonCode.MalformedPacket, "30 05 00 02 C0 AF 00"),
        Bad("PUBLISH with an overlong U+0000 in the topic", V5, ReasonCode.MalformedPacket, "30 05 00 02 C0 80 00"),
        Bad("PUBLISH with a character above U+10FFFF in the topic", V5, ReasonCode.MalformedPacket, "30 07 00 04 F4 90 80 80 00"),
        Bad("PUBLISH with a topic that runs past the packet", V311, ReasonCode.MalformedPacket, "30 04 00 05 'ab'"),
        Bad("PUBLISH of MQTT 5 without properties", V5, ReasonCode.MalformedPacket, "30 03 00 01 't'"),
        Bad("PUBLISH with properties that run past the packet", V5, ReasonCode.MalformedPacket, "30 06 00 01 't' 05 01 00"),
        Bad("PUBLISH with an undefined property", V5, ReasonCode.MalformedPacket, "30 06 00 01 't' 02 04 00"),
        Bad("PUBLISH with a property of CONNECT", V5, ReasonCode.MalformedPacket, "30 07 00 01 't' 03 21 00 01"),
        Bad("PUBLISH with Will Delay Interval", V5, ReasonCode.MalformedPacket, "30 09 00 01 't' 05 18 00 00 00 01"),
        Bad("PUBLISH with a subscription identifier from a client", V5, ReasonCode.ProtocolError, "30 06 00 01 't' 02 0B 01"),
        Bad("PUBLISH with topic alias 0", V5, ReasonCode.TopicAliasInvalid, "30 07 00 01 't' 03 23 00 00"),
        Bad("PUBLISH with a topic alias twice", V5, ReasonCode.ProtocolError, "30 0A 00 01 't' 06 23 00 01 23 00 01"),
        Bad("PUBLISH with Payload Format Indicator 2", V5, ReasonCode.ProtocolError, "30 06 00 01 't' 02 01 02"),
        Bad("PUBLISH with Payload Format Indicator twice", V5, ReasonCode.ProtocolError, "30 08 00 01 't' 04 01 00 01 00"),
        Bad("PUBLISH with Message Expiry Interval twice", V5, ReasonCode.ProtocolError, "30 0E 00 01 't' 0A 02 00 00 00 01 02 00 00 00 01"),
        Bad("PUBLISH with Content Type twice", V5, ReasonCode.ProtocolError, "30 0C 00 01 't' 08 03 00 01 'a' 03 00 01 'a'"),
        Bad("PUBLISH with a Content Type that is not UTF-8", V5, ReasonCode.MalformedPacket, "30 08 00 01 't' 04 03 00 01 FE"),
        Bad("PUBLISH with Response Topic twice", V5, ReasonCode.ProtocolError, "30 0C 00 01 't' 08 08 00 01 'a' 08 00 01 'a'"),
        Bad("PUBLISH with a Response Topic that is not UTF-8", V5, ReasonCode.MalformedPacket, "30 08 00 01 't' 04 08 00 01 FE"),
        Bad("PUBLISH with a wildcard in the Response Topic", V5, ReasonCode.ProtocolError, "30 0A 00 01 't' 06 08 00 03 'a/+'"),
        Bad("PUBLISH with Correlation Data twice", V5, ReasonCode.ProtocolError, "30 0A 00 01 't' 06 09 00 00 09 00 00"),
        Bad("PUBLISH with a User Property that is not UTF-8", V5, ReasonCode.MalformedPacket, "30 0B 00 01 't' 07 26 00 01 'n' 00 01 FF"),
        Bad("PUBLISH with a subscription identifier that is longer than it needs to be", V5, ReasonCode.MalformedPacket, "30 07 00 01 't' 03 0B 81 00"),
        BadFromServer("PUBLISH with subscription identifier 0", V5, ReasonCode.ProtocolError, "30 06 00 01 't' 02 0B 00"),
        BadFromServer("PUBLISH with a subscription identifier over four bytes", V5, ReasonCode.MalformedPacket, "30 0A 00 01 't' 06 0B 80 80 80 80 01"),
    ];

    private static IEnumerable<GoldenPacket> Acknowledging =>
    [
        Client("PUBACK of MQTT 3.1.1", V311, new PubAck(0x1234), "40 02 12 34"),
        Client("PUBREC of MQTT 3.1.1", V311, new PubRec(0x1234), "50 02 12 34"),
        Client("PUBREL of MQTT 3.1.1", V311, new PubRel(0x1234), "62 02 12 34"),
        Client("PUBCOMP of MQTT 3.1.1", V311, new PubComp(0x1234), "70 02 12 34"),
        Client("PUBACK of MQTT 5, short", V5, new PubAck(1), "40 02 00 01"),
        Client("PUBREC of MQTT 5, short", V5, new PubRec(1), "50 02 00 01"),
        Client("PUBREL of MQTT 5, short", V5, new PubRel(1), "62 02 00 01"),
        Client("PUBCOMP of MQTT 5, short", V5, new PubComp(1), "70 02 00 01"),
        new("PUBREL of MQTT 3.1, sent before", V31, Sender.Client, "6A 02 00 01") { Packet = new PubRel(1), IsCanonical = false },
        new("PUBACK with reason code 0 spelled out", V5, Sender.Client, "40 03 00 01 00") { Packet = new PubAck(1), IsCanonical = false },
        new("PUBACK with reason code 0 and no properties spelled out", V5, Sender.Client, "40 04 00 01 00 00") { Packet = new PubAck(1), IsCanonical = false },
        new("PUBREC with an error and no properties spelled out", V5, Sender.Client, "50 04 00 01 80 00")
        {
            Packet = new PubRec(1, ReasonCode.UnspecifiedError),
            IsCanonical = false,
        },
        Client("PUBACK with an error", V5, new PubAck(1, ReasonCode.QuotaExceeded), "40 03 00 01 97"),
        Client("PUBREC with an error", V5, new PubRec(1, ReasonCode.NotAuthorized), "50 03 00 01 87"),
        Client("PUBREL with packet identifier not found", V5, new PubRel(1, ReasonCode.PacketIdentifierNotFound), "62 03 00 01 92"),
        Client("PUBCOMP with packet identifier not found", V5, new PubComp(1, ReasonCode.PacketIdentifierNotFound), "70 03 00 01 92"),
        Server("PUBACK with no matching subscribers", V5, new PubAck(1, ReasonCode.NoMatchingSubscribers), "40 03 00 01 10"),
        Client("PUBACK with every property", V5, new PubAck(1) { Properties = With(PropertyId.ReasonString, "why").AddUserProperty("n", "v").Build() },
            "40 11 00 01 00 0D 1F 00 03 'why' 26 00 01 'n' 00 01 'v'"),
        Client("PUBREC with every property", V5, new PubRec(1) { Properties = With(PropertyId.ReasonString, "why").AddUserProperty("n", "v").Build() },
            "50 11 00 01 00 0D 1F 00 03 'why' 26 00 01 'n' 00 01 'v'"),
        Client("PUBREL with every property", V5, new PubRel(1) { Properties = With(PropertyId.ReasonString, "why").AddUserProperty("n", "v").Build() },
            "62 11 00 01 00 0D 1F 00 03 'why' 26 00 01 'n' 00 01 'v'"),
        Client("PUBCOMP with every property", V5, new PubComp(1) { Properties = With(PropertyId.ReasonString, "why").AddUserProperty("n", "v").Build() },
            "70 11 00 01 00 0D 1F 00 03 'why' 26 00 01 'n' 00 01 'v'"),
    ];

    private static IEnumerable<GoldenPacket> AcknowledgementViolations =>
    [
        Bad("PUBACK with fixed header flags", V5, ReasonCode.MalformedPacket, "42 02 00 01"),
        Bad("PUBREC with fixed header flags", V5, ReasonCode.MalformedPacket, "51 02 00 01"),
        Bad("PUBREL without its fixed header flags, MQTT 5", V5, ReasonCode.MalformedPacket, "60 02 00 01"),
        Bad("PUBREL without its fixed header flags, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "60 02 00 01"),
        Bad("PUBREL with DUP, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "6A 02 00 01"),
        Bad("PUBCOMP with fixed header flags", V5, ReasonCode.MalformedPacket, "78 02 00 01"),
        Bad("PUBACK with fixed header flags, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "42 02 00 01"),
        Bad("PUBACK with packet identifier 0", V5, ReasonCode.ProtocolError, "40 02 00 00"),
        Bad("PUBREC with packet identifier 0", V5, ReasonCode.ProtocolError, "50 02 00 00"),
        Bad("PUBREL with packet identifier 0", V5, ReasonCode.ProtocolError, "62 02 00 00"),
        Bad("PUBCOMP with packet identifier 0", V5, ReasonCode.ProtocolError, "70 02 00 00"),
        Bad("PUBACK with half a packet identifier", V311, ReasonCode.MalformedPacket, "40 01 00"),
        Bad("PUBACK with bytes left over, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "40 03 00 01 00"),
        Bad("PUBREC with bytes left over, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "50 03 00 01 00"),
        Bad("PUBREL with bytes left over, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "62 03 00 01 00"),
        Bad("PUBCOMP with bytes left over, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "70 03 00 01 00"),
        Bad("PUBACK with bytes left over, MQTT 5", V5, ReasonCode.MalformedPacket, "40 05 00 01 00 00 00"),
        Bad("PUBREC with bytes left over, MQTT 5", V5, ReasonCode.MalformedPacket, "50 05 00 01 00 00 00"),
        Bad("PUBREL with bytes left over, MQTT 5", V5, ReasonCode.MalformedPacket, "62 05 00 01 00 00 00"),
        Bad("PUBCOMP with bytes left over, MQTT 5", V5, ReasonCode.MalformedPacket, "70 05 00 01 00 00 00"),
        Bad("PUBACK with a reason code of another packet", V5, ReasonCode.ProtocolError, "40 03 00 01 92"),
        Bad("PUBACK with a reason code that the server alone may send", V5, ReasonCode.ProtocolError, "40 03 00 01 10"),
        Bad("PUBREC with a reason code of another packet", V5, ReasonCode.ProtocolError, "50 03 00 01 81"),
        Bad("PUBREL with a reason code of another packet", V5, ReasonCode.ProtocolError, "62 03 00 01 80"),
        Bad("PUBCOMP with a reason code of another packet", V5, ReasonCode.ProtocolError, "70 03 00 01 80"),
        Bad("PUBACK with Reason String twice", V5, ReasonCode.ProtocolError, "40 0C 00 01 00 08 1F 00 01 'a' 1F 00 01 'a'"),
        Bad("PUBACK with a property of another packet", V5, ReasonCode.MalformedPacket, "40 09 00 01 00 05 11 00 00 00 01"),
        Bad("PUBREL with a Reason String that is not UTF-8", V5, ReasonCode.MalformedPacket, "62 08 00 01 00 04 1F 00 01 FF"),
    ];
}
