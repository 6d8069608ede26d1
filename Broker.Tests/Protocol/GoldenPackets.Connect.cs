using Broker.Core.Protocol;

namespace Broker.Tests.Protocol;

/// <summary>CONNECT and CONNACK.</summary>
public static partial class GoldenPackets
{
    private static IEnumerable<GoldenPacket> Connecting =>
    [
        Client("CONNECT of MQTT 3.1", V31, new Connect { Version = V31, CleanStart = true, KeepAlive = 60, ClientIdentifier = "c" }, """
            10 0F              # CONNECT
            00 06 'MQIsdp' 03  # protocol name and level
            02                 # clean session
            00 3C              # keep alive
            00 01 'c'          # client identifier
            """),
        Client("CONNECT of MQTT 3.1.1, the least there is", V311, new Connect { Version = V311, CleanStart = true }, """
            10 0C  00 04 'MQTT' 04  02  00 00  00 00
            """),
        Client("CONNECT of MQTT 3.1.1 with a will, user name and password", V311, new Connect
        {
            Version = V311,
            ClientIdentifier = "device",
            KeepAlive = 10,
            Will = new Will { Topic = "w/t", Payload = "gone"u8.ToArray(), QoS = QualityOfService.AtLeastOnce, Retain = true },
            UserName = "user",
            Password = "pass"u8.ToArray(),
        }, """
            10 29  00 04 'MQTT' 04
            EC  # user name, password, will retain, will QoS 1, will
            00 0A
            00 06 'device'
            00 03 'w/t' 00 04 'gone'
            00 04 'user' 00 04 'pass'
            """),
        Client("CONNECT of MQTT 5, the least there is", V5, new Connect { CleanStart = true }, """
            10 0D  00 04 'MQTT' 05  02  00 00
            00  # no properties
            00 00
            """),
        Client("CONNECT of MQTT 5 with every property", V5, new Connect
        {
            CleanStart = true,
            KeepAlive = 0x1234,
            ClientIdentifier = "c5",
            Properties = With(PropertyId.SessionExpiryInterval, 0xFFFF_FFFF).Add(PropertyId.AuthenticationMethod, "SCRAM")
                .Add(PropertyId.AuthenticationData, [0, 0xFF]).Add(PropertyId.RequestProblemInformation, 0).Add(PropertyId.RequestResponseInformation, 1)
                .Add(PropertyId.ReceiveMaximum, 20).Add(PropertyId.TopicAliasMaximum, 10).Add(PropertyId.MaximumPacketSize, 256)
                .AddUserProperty("a", "1").AddUserProperty("a", "2").Build(),
        }, """
            10 3E  00 04 'MQTT' 05  02  12 34
            2F
            11 FF FF FF FF          # Session Expiry Interval
            15 00 05 'SCRAM'        # Authentication Method
            16 00 02 00 FF          # Authentication Data
            17 00                   # Request Problem Information
            19 01                   # Request Response Information
            21 00 14                # Receive Maximum
            22 00 0A                # Topic Alias Maximum
            27 00 00 01 00          # Maximum Packet Size
            26 00 01 'a' 00 01 '1'  # User Property
            26 00 01 'a' 00 01 '2'  # User Property, the same name once more
            
            00 02 'c5'
            """),
        Client("CONNECT of MQTT 5 with a will and every will property", V5, new Connect
        {
            ClientIdentifier = "w",
            Will = new Will
            {
                Topic = "will",
                QoS = QualityOfService.ExactlyOnce,
                Payload = new byte[] { 0, 1 },
                Properties = With(PropertyId.WillDelayInterval, 5).Add(PropertyId.PayloadFormatIndicator, 0).Add(PropertyId.MessageExpiryInterval, 60)
                    .Add(PropertyId.ContentType, "text/plain").Add(PropertyId.ResponseTopic, "r").Add(PropertyId.CorrelationData, [9])
                    .AddUserProperty("k", "v").Build(),
            },
        }, """
            10 41  00 04 'MQTT' 05
            14                      # will QoS 2, will
            00 00  00  00 01 'w'
            28
            18 00 00 00 05          # Will Delay Interval
            01 00                   # Payload Format Indicator
            02 00 00 00 3C          # Message Expiry Interval
            03 00 0A 'text/plain'   # Content Type
            08 00 01 'r'            # Response Topic
            09 00 01 09             # Correlation Data
            26 00 01 'k' 00 01 'v'  # User Property
            
            00 04 'will' 00 02 00 01
            """),
        Client("CONNECT of MQTT 5 with a password and no user name", V5, new Connect { CleanStart = true, Password = "p"u8.ToArray() }, """
            10 10  00 04 'MQTT' 05  42  00 00  00  00 00  00 01 'p'
            """),
        Client("CONNECT with an empty will payload and an empty password", V5, new Connect
        {
            CleanStart = true,
            ClientIdentifier = "e",
            Will = new Will { Topic = "t" },
            UserName = "",
            Password = ReadOnlyMemory<byte>.Empty,
        }, """
            10 18  00 04 'MQTT' 05  C6  00 00  00  00 01 'e'  00  00 01 't' 00 00  00 00  00 00
            """),
        Client("CONNECT whose client identifier begins with U+FEFF", V311, new Connect { Version = V311, CleanStart = true, ClientIdentifier = "\uFEFFa" }, """
            10 10  00 04 'MQTT' 04  02  00 00  00 04 EF BB BF 'a'
            """),
        Server("CONNACK of MQTT 3.1.1", V311, new ConnAck(true, ReasonCode.Success), "20 02 01 00"),
        Server("CONNACK of MQTT 3.1.1 with a return code", V311, new ConnAck(false, ReasonCode.NotAuthorized), "20 02 00 05"),
        Server("CONNACK of MQTT 3.1", V31, new ConnAck(false, ReasonCode.ClientIdentifierNotValid), "20 02 00 02"),
        new("CONNACK of MQTT 3.1, whose first byte is reserved", V31, Sender.Server, "20 02 01 00")
        {
            Packet = new ConnAck(false, ReasonCode.Success),
            IsCanonical = false,
        },
        Server("CONNACK of MQTT 5, the least there is", V5, new ConnAck(true, ReasonCode.Success), "20 03 01 00 00"),
        Server("CONNACK of MQTT 5 with an error", V5, new ConnAck(false, ReasonCode.Banned), "20 03 00 8A 00"),
        Server("CONNACK of MQTT 5 with every property", V5, new ConnAck(false, ReasonCode.Success)
        {
            Properties = With(PropertyId.SessionExpiryInterval, 1).Add(PropertyId.AssignedClientIdentifier, "id").Add(PropertyId.ServerKeepAlive, 30)
                .Add(PropertyId.AuthenticationMethod, "m").Add(PropertyId.AuthenticationData, [1]).Add(PropertyId.ResponseInformation, "r")
                .Add(PropertyId.ServerReference, "s").Add(PropertyId.ReasonString, "why").Add(PropertyId.ReceiveMaximum, 32)
                .Add(PropertyId.TopicAliasMaximum, 3).Add(PropertyId.MaximumQoS, 1).Add(PropertyId.RetainAvailable, 0).AddUserProperty("n", "v")
                .Add(PropertyId.MaximumPacketSize, 1024).Add(PropertyId.WildcardSubscriptionAvailable, 0)
                .Add(PropertyId.SubscriptionIdentifierAvailable, 1).Add(PropertyId.SharedSubscriptionAvailable, 0).Build(),
        }, """
            20 42 00 00
            3F
            11 00 00 00 01          # Session Expiry Interval
            12 00 02 'id'           # Assigned Client Identifier
            13 00 1E                # Server Keep Alive
            15 00 01 'm'            # Authentication Method
            16 00 01 01             # Authentication Data
            1A 00 01 'r'            # Response Information
            1C 00 01 's'            # Server Reference
            1F 00 03 'why'          # Reason String
            21 00 20                # Receive Maximum
            22 00 03                # Topic Alias Maximum
            24 01                   # Maximum QoS
            25 00                   # Retain Available
            26 00 01 'n' 00 01 'v'  # User Property
            27 00 00 04 00          # Maximum Packet Size
            28 00                   # Wildcard Subscription Available
            29 01                   # Subscription Identifier Available
            2A 00                   # Shared Subscription Available
            
            """),
    ];

    private static IEnumerable<GoldenPacket> ConnectViolations =>
    [
        Bad("CONNECT with another protocol name", V311, ReasonCode.UnsupportedProtocolVersion, "10 0D 00 04 'MQXX' 04 02 00 00 00 01 'c'"),
        Bad("CONNECT with the name of MQTT 3.1 and the level of 3.1.1", V311, ReasonCode.UnsupportedProtocolVersion, "10 0F 00 06 'MQIsdp' 04 02 00 00 00 01 'c'"),
        Bad("CONNECT with level 6", V5, ReasonCode.UnsupportedProtocolVersion, "10 0E 00 04 'MQTT' 06 02 00 00 00 00 01 'c'"),
        Bad("CONNECT with level 0", V311, ReasonCode.UnsupportedProtocolVersion, "10 0D 00 04 'MQTT' 00 02 00 00 00 01 'c'"),
        Bad("CONNECT with level 3 and the name MQTT", V311, ReasonCode.UnsupportedProtocolVersion, "10 0D 00 04 'MQTT' 03 02 00 00 00 01 'c'"),
        Bad("CONNECT with the reserved flag, MQTT 5", V5, ReasonCode.MalformedPacket, "10 0E 00 04 'MQTT' 05 03 00 00 00 00 01 'c'"),
        Bad("CONNECT with the reserved flag, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0D 00 04 'MQTT' 04 03 00 00 00 01 'c'"),
        Bad("CONNECT with fixed header flags", V5, ReasonCode.MalformedPacket, "11 0E 00 04 'MQTT' 05 02 00 00 00 00 01 'c'"),
        Bad("CONNECT with Will QoS 3, MQTT 5", V5, ReasonCode.MalformedPacket, "10 15 00 04 'MQTT' 05 1E 00 00 00 00 01 'c' 00 00 01 't' 00 01 'p'"),
        Bad("CONNECT with Will QoS 3, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 04 1E 00 00 00 01 'c' 00 01 't' 00 01 'p'"),
        Bad("CONNECT with Will QoS and no will, MQTT 5", V5, ReasonCode.MalformedPacket, "10 0E 00 04 'MQTT' 05 0A 00 00 00 00 01 'c'"),
        Bad("CONNECT with Will QoS and no will, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0D 00 04 'MQTT' 04 0A 00 00 00 01 'c'"),
        Bad("CONNECT with Will Retain and no will, MQTT 5", V5, ReasonCode.MalformedPacket, "10 0E 00 04 'MQTT' 05 22 00 00 00 00 01 'c'"),
        Bad("CONNECT with Will Retain and no will, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0D 00 04 'MQTT' 04 22 00 00 00 01 'c'"),
        Bad("CONNECT with the will flag and no will, MQTT 5", V5, ReasonCode.MalformedPacket, "10 0E 00 04 'MQTT' 05 06 00 00 00 00 01 'c'"),
        Bad("CONNECT with the will flag and no will, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0D 00 04 'MQTT' 04 06 00 00 00 01 'c'"),
        Bad("CONNECT with a Will Topic and no Will Payload", V5, ReasonCode.MalformedPacket, "10 12 00 04 'MQTT' 05 06 00 00 00 00 01 'c' 00 00 01 't'"),
        Bad("CONNECT with a will and no will flag, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 04 02 00 00 00 01 'c' 00 01 't' 00 01 'p'"),
        Bad("CONNECT with a Will Topic that is not UTF-8", V5, ReasonCode.MalformedPacket, "10 15 00 04 'MQTT' 05 06 00 00 00 00 01 'c' 00 00 01 FF 00 01 'p'"),
        Bad("CONNECT with a Will Topic that is not UTF-8, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 04 06 00 00 00 01 'c' 00 01 FF 00 01 'p'"),
        Bad("CONNECT with a Will Topic that holds a wildcard", V5, ReasonCode.TopicNameInvalid, "10 17 00 04 'MQTT' 05 06 00 00 00 00 01 'c' 00 00 03 'a/+' 00 01 'p'"),
        Bad("CONNECT with an empty Will Topic", V311, ReasonCode.TopicNameInvalid, "10 12 00 04 'MQTT' 04 06 00 00 00 01 'c' 00 00 00 01 'p'"),
        Bad("CONNECT with the user name flag and no user name, MQTT 5", V5, ReasonCode.MalformedPacket, "10 0E 00 04 'MQTT' 05 82 00 00 00 00 01 'c'"),
        Bad("CONNECT with the user name flag and no user name, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0D 00 04 'MQTT' 04 82 00 00 00 01 'c'"),
        Bad("CONNECT with a user name and no flag, MQTT 5", V5, ReasonCode.MalformedPacket, "10 14 00 04 'MQTT' 05 02 00 00 00 00 01 'c' 00 04 'user'"),
        Bad("CONNECT with a user name and no flag, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 04 02 00 00 00 01 'c' 00 04 'user'"),
        Bad("CONNECT with a user name that is not UTF-8", V5, ReasonCode.MalformedPacket, "10 12 00 04 'MQTT' 05 82 00 00 00 00 01 'c' 00 02 C3 28"),
        Bad("CONNECT with a user name that is not UTF-8, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 11 00 04 'MQTT' 04 82 00 00 00 01 'c' 00 02 C3 28"),
        Bad("CONNECT with the password flag and no password, MQTT 5", V5, ReasonCode.MalformedPacket, "10 14 00 04 'MQTT' 05 C2 00 00 00 00 01 'c' 00 04 'user'"),
        Bad("CONNECT with the password flag and no password, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 04 C2 00 00 00 01 'c' 00 04 'user'"),
        Bad("CONNECT with a password and no flag, MQTT 5", V5, ReasonCode.MalformedPacket, "10 1A 00 04 'MQTT' 05 82 00 00 00 00 01 'c' 00 04 'user' 00 04 'pass'"),
        Bad("CONNECT with a password and no flag, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 19 00 04 'MQTT' 04 82 00 00 00 01 'c' 00 04 'user' 00 04 'pass'"),
        Bad("CONNECT with a password and no user name, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 04 42 00 00 00 01 'c' 00 04 'pass'"),
        Bad("CONNECT with a password and no user name, MQTT 3.1", V31, ReasonCode.MalformedPacket, "10 15 00 06 'MQIsdp' 03 42 00 00 00 01 'c' 00 04 'pass'"),
        Bad("CONNECT without a client identifier, MQTT 5", V5, ReasonCode.MalformedPacket, "10 0B 00 04 'MQTT' 05 02 00 00 00"),
        Bad("CONNECT without a client identifier, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0A 00 04 'MQTT' 04 02 00 00"),
        Bad("CONNECT with a client identifier that is not UTF-8, MQTT 5", V5, ReasonCode.MalformedPacket, "10 0E 00 04 'MQTT' 05 02 00 00 00 00 01 80"),
        Bad("CONNECT with a client identifier that is not UTF-8, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0D 00 04 'MQTT' 04 02 00 00 00 01 80"),
        Bad("CONNECT with U+0000 in the client identifier, MQTT 5", V5, ReasonCode.MalformedPacket, "10 10 00 04 'MQTT' 05 02 00 00 00 00 03 'a' 00 'b'"),
        Bad("CONNECT with U+0000 in the client identifier, MQTT 3.1.1", V311, ReasonCode.MalformedPacket, "10 0F 00 04 'MQTT' 04 02 00 00 00 03 'a' 00 'b'"),
        Bad("CONNECT with bytes left over", V5, ReasonCode.MalformedPacket, "10 0F 00 04 'MQTT' 05 02 00 00 00 00 01 'c' 00"),
        Bad("CONNECT that ends in its client identifier", V5, ReasonCode.MalformedPacket, "10 10 00 04 'MQTT' 05 02 00 00 00 00 05 'abc'"),
        Bad("CONNECT with nothing in it", V5, ReasonCode.MalformedPacket, "10 00"),
        Bad("CONNECT of MQTT 5 without properties", V5, ReasonCode.MalformedPacket, "10 0A 00 04 'MQTT' 05 02 00 00"),
        Bad("CONNECT with properties that run past the packet", V5, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 05 02 00 00 7F 11 00 00 00 01 00 01 'c'"),
        Bad("CONNECT with a property that runs past the properties", V5, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 05 02 00 00 03 11 00 00 00 01 00 01 'c'"),
        Bad("CONNECT with a Property Length that is too long", V5, ReasonCode.MalformedPacket, "10 0F 00 04 'MQTT' 05 02 00 00 80 00 00 01 'c'"),
        Bad("CONNECT with an undefined property", V5, ReasonCode.MalformedPacket, "10 10 00 04 'MQTT' 05 02 00 00 02 7F 00 00 01 'c'"),
        Bad("CONNECT with a property identifier above one byte", V5, ReasonCode.MalformedPacket, "10 11 00 04 'MQTT' 05 02 00 00 03 80 01 00 00 01 'c'"),
        Bad("CONNECT with a Topic Alias", V5, ReasonCode.MalformedPacket, "10 11 00 04 'MQTT' 05 02 00 00 03 23 00 01 00 01 'c'"),
        Bad("CONNECT with Will Delay Interval outside the will", V5, ReasonCode.MalformedPacket, "10 13 00 04 'MQTT' 05 02 00 00 05 18 00 00 00 01 00 01 'c'"),
        Bad("CONNECT with Receive Maximum 0", V5, ReasonCode.ProtocolError, "10 11 00 04 'MQTT' 05 02 00 00 03 21 00 00 00 01 'c'"),
        Bad("CONNECT with Maximum Packet Size 0", V5, ReasonCode.ProtocolError, "10 13 00 04 'MQTT' 05 02 00 00 05 27 00 00 00 00 00 01 'c'"),
        Bad("CONNECT with Request Problem Information 2", V5, ReasonCode.ProtocolError, "10 10 00 04 'MQTT' 05 02 00 00 02 17 02 00 01 'c'"),
        Bad("CONNECT with Request Response Information 2", V5, ReasonCode.ProtocolError, "10 10 00 04 'MQTT' 05 02 00 00 02 19 02 00 01 'c'"),
        Bad("CONNECT with Session Expiry Interval twice", V5, ReasonCode.ProtocolError, "10 18 00 04 'MQTT' 05 02 00 00 0A 11 00 00 00 01 11 00 00 00 01 00 01 'c'"),
        Bad("CONNECT with Authentication Data and no method", V5, ReasonCode.ProtocolError, "10 12 00 04 'MQTT' 05 02 00 00 04 16 00 01 00 00 01 'c'"),
        Bad("CONNECT with a User Property whose name is not UTF-8", V5, ReasonCode.MalformedPacket, "10 15 00 04 'MQTT' 05 02 00 00 07 26 00 01 FF 00 01 'v' 00 01 'c'"),
        Bad("CONNECT with a User Property whose value holds U+0000", V5, ReasonCode.MalformedPacket, "10 15 00 04 'MQTT' 05 02 00 00 07 26 00 01 'n' 00 01 00 00 01 'c'"),
        Bad("CONNECT with Session Expiry Interval in the will", V5, ReasonCode.MalformedPacket, "10 1A 00 04 'MQTT' 05 06 00 00 00 00 01 'c' 05 11 00 00 00 01 00 01 't' 00 01 'p'"),
        Bad("CONNECT with Payload Format Indicator 2 in the will", V5, ReasonCode.ProtocolError, "10 17 00 04 'MQTT' 05 06 00 00 00 00 01 'c' 02 01 02 00 01 't' 00 01 'p'"),
        Bad("CONNECT with Will Delay Interval twice", V5, ReasonCode.ProtocolError, "10 1F 00 04 'MQTT' 05 06 00 00 00 00 01 'c' 0A 18 00 00 00 01 18 00 00 00 01 00 01 't' 00 01 'p'"),
        Bad("CONNECT with a wildcard in the Response Topic of the will", V5, ReasonCode.ProtocolError, "10 1B 00 04 'MQTT' 05 06 00 00 00 00 01 'c' 06 08 00 03 'r/#' 00 01 't' 00 01 'p'"),
        BadFromServer("CONNECT from the server", V5, ReasonCode.ProtocolError, "10 0E 00 04 'MQTT' 05 02 00 00 00 00 01 'c'"),
        BadFromServer("CONNACK with reserved acknowledge flags", V5, ReasonCode.MalformedPacket, "20 03 02 00 00"),
        BadFromServer("CONNACK with bytes left over", V311, ReasonCode.MalformedPacket, "20 03 00 00 00"),
        BadFromServer("CONNACK with an undefined return code", V311, ReasonCode.MalformedPacket, "20 02 00 06"),
        BadFromServer("CONNACK with a reason code of another packet", V5, ReasonCode.ProtocolError, "20 03 00 8E 00"),
        BadFromServer("CONNACK with Session Present and an error", V5, ReasonCode.ProtocolError, "20 03 01 80 00"),
        BadFromServer("CONNACK with Maximum QoS 2", V5, ReasonCode.ProtocolError, "20 05 00 00 02 24 02"),
        Bad("CONNACK from a client", V5, ReasonCode.ProtocolError, "20 03 00 00 00"),
    ];
}
