namespace Broker.Core.Protocol;

/// <summary>The properties of MQTT 5 by their identifiers (section 2.2.2.2).</summary>
public enum PropertyId : byte
{
#pragma warning disable CS1591 // the names are the standard's own
    PayloadFormatIndicator = 0x01,
    MessageExpiryInterval = 0x02,
    ContentType = 0x03,
    ResponseTopic = 0x08,
    CorrelationData = 0x09,
    SubscriptionIdentifier = 0x0B,
    SessionExpiryInterval = 0x11,
    AssignedClientIdentifier = 0x12,
    ServerKeepAlive = 0x13,
    AuthenticationMethod = 0x15,
    AuthenticationData = 0x16,
    RequestProblemInformation = 0x17,
    WillDelayInterval = 0x18,
    RequestResponseInformation = 0x19,
    ResponseInformation = 0x1A,
    ServerReference = 0x1C,
    ReasonString = 0x1F,
    ReceiveMaximum = 0x21,
    TopicAliasMaximum = 0x22,
    TopicAlias = 0x23,
    MaximumQoS = 0x24,
    RetainAvailable = 0x25,
    UserProperty = 0x26,
    MaximumPacketSize = 0x27,
    WildcardSubscriptionAvailable = 0x28,
    SubscriptionIdentifierAvailable = 0x29,
    SharedSubscriptionAvailable = 0x2A,
#pragma warning restore CS1591
}

/// <summary>How a property's value is written (MQTT 5, section 1.5).</summary>
public enum PropertyType : byte
{
    /// <summary>One byte.</summary>
    Byte,

    /// <summary>Two bytes, big-endian.</summary>
    TwoByteInteger,

    /// <summary>Four bytes, big-endian.</summary>
    FourByteInteger,

    /// <summary>One to four bytes of seven bits each.</summary>
    VariableByteInteger,

    /// <summary>Two bytes of length, then UTF-8.</summary>
    Utf8String,

    /// <summary>Two UTF-8 strings: name and value.</summary>
    Utf8StringPair,

    /// <summary>Two bytes of length, then any bytes.</summary>
    BinaryData,
}

/// <summary>The places where properties stand: one bit for each type of control packet, and one for the will in CONNECT.</summary>
[Flags]
public enum PropertyScope
{
#pragma warning disable CS1591 // the names are the standard's own
    None = 0,
    Will = 1 << 0,
    Connect = 1 << ControlPacketType.Connect,
    ConnAck = 1 << ControlPacketType.ConnAck,
    Publish = 1 << ControlPacketType.Publish,
    PubAck = 1 << ControlPacketType.PubAck,
    PubRec = 1 << ControlPacketType.PubRec,
    PubRel = 1 << ControlPacketType.PubRel,
    PubComp = 1 << ControlPacketType.PubComp,
    Subscribe = 1 << ControlPacketType.Subscribe,
    SubAck = 1 << ControlPacketType.SubAck,
    Unsubscribe = 1 << ControlPacketType.Unsubscribe,
    UnsubAck = 1 << ControlPacketType.UnsubAck,
    Disconnect = 1 << ControlPacketType.Disconnect,
    Auth = 1 << ControlPacketType.Auth,
    Acknowledgements = PubAck | PubRec | PubRel | PubComp,
#pragma warning restore CS1591
}

/// <summary>One row of the <see cref="PropertyTable"/>.</summary>
/// <param name="Id">The identifier on the wire.</param>
/// <param name="Name">The standard's name.</param>
/// <param name="Type">How the value is written.</param>
/// <param name="FromClient">Where a client may send it.</param>
/// <param name="FromServer">Where a server may send it.</param>
/// <param name="Repeats">Where it may stand more than once.</param>
/// <param name="Minimum">Smallest number allowed.</param>
/// <param name="Maximum">Largest number allowed.</param>
/// <param name="OutOfRange">The reason code for a number outside.</param>
public sealed record PropertyRow(
    PropertyId Id,
    string Name,
    PropertyType Type,
    PropertyScope FromClient,
    PropertyScope FromServer,
    PropertyScope Repeats = PropertyScope.None,
    uint Minimum = 0,
    uint Maximum = uint.MaxValue,
    ReasonCode OutOfRange = ReasonCode.ProtocolError);

/// <summary>All properties of MQTT 5 in one table (table 2-4 and the chapters of the packets): reading, checking and writing go by it.</summary>
public static class PropertyTable
{
    private const PropertyScope Message = PropertyScope.Publish | PropertyScope.Will;
    private const PropertyScope ServerReplies = PropertyScope.Acknowledgements | PropertyScope.ConnAck | PropertyScope.SubAck | PropertyScope.UnsubAck
        | PropertyScope.Disconnect | PropertyScope.Auth;
    private const PropertyScope ClientReplies = PropertyScope.Acknowledgements | PropertyScope.Disconnect | PropertyScope.Auth;
    private const PropertyScope ClientUsers = ClientReplies | Message | PropertyScope.Connect | PropertyScope.Subscribe | PropertyScope.Unsubscribe;
    private const PropertyScope ServerUsers = ServerReplies | PropertyScope.Publish;
    private const PropertyScope Never = PropertyScope.None;

    /// <summary>Every property, in the order of the identifiers.</summary>
    public static readonly PropertyRow[] Rows =
    [
        new(PropertyId.PayloadFormatIndicator, "Payload Format Indicator", PropertyType.Byte, Message, PropertyScope.Publish, Maximum: 1),
        new(PropertyId.MessageExpiryInterval, "Message Expiry Interval", PropertyType.FourByteInteger, Message, PropertyScope.Publish),
        new(PropertyId.ContentType, "Content Type", PropertyType.Utf8String, Message, PropertyScope.Publish),
        new(PropertyId.ResponseTopic, "Response Topic", PropertyType.Utf8String, Message, PropertyScope.Publish),
        new(PropertyId.CorrelationData, "Correlation Data", PropertyType.BinaryData, Message, PropertyScope.Publish),
        new(PropertyId.SubscriptionIdentifier, "Subscription Identifier", PropertyType.VariableByteInteger, PropertyScope.Subscribe, PropertyScope.Publish,
            Repeats: PropertyScope.Publish, Minimum: 1),
        new(PropertyId.SessionExpiryInterval, "Session Expiry Interval", PropertyType.FourByteInteger, PropertyScope.Connect | PropertyScope.Disconnect,
            PropertyScope.ConnAck),
        new(PropertyId.AssignedClientIdentifier, "Assigned Client Identifier", PropertyType.Utf8String, Never, PropertyScope.ConnAck),
        new(PropertyId.ServerKeepAlive, "Server Keep Alive", PropertyType.TwoByteInteger, Never, PropertyScope.ConnAck),
        new(PropertyId.AuthenticationMethod, "Authentication Method", PropertyType.Utf8String, PropertyScope.Connect | PropertyScope.Auth,
            PropertyScope.ConnAck | PropertyScope.Auth),
        new(PropertyId.AuthenticationData, "Authentication Data", PropertyType.BinaryData, PropertyScope.Connect | PropertyScope.Auth,
            PropertyScope.ConnAck | PropertyScope.Auth),
        new(PropertyId.RequestProblemInformation, "Request Problem Information", PropertyType.Byte, PropertyScope.Connect, Never, Maximum: 1),
        new(PropertyId.WillDelayInterval, "Will Delay Interval", PropertyType.FourByteInteger, PropertyScope.Will, Never),
        new(PropertyId.RequestResponseInformation, "Request Response Information", PropertyType.Byte, PropertyScope.Connect, Never, Maximum: 1),
        new(PropertyId.ResponseInformation, "Response Information", PropertyType.Utf8String, Never, PropertyScope.ConnAck),
        new(PropertyId.ServerReference, "Server Reference", PropertyType.Utf8String, Never, PropertyScope.ConnAck | PropertyScope.Disconnect),
        new(PropertyId.ReasonString, "Reason String", PropertyType.Utf8String, ClientReplies, ServerReplies),
        new(PropertyId.ReceiveMaximum, "Receive Maximum", PropertyType.TwoByteInteger, PropertyScope.Connect, PropertyScope.ConnAck, Minimum: 1),
        new(PropertyId.TopicAliasMaximum, "Topic Alias Maximum", PropertyType.TwoByteInteger, PropertyScope.Connect, PropertyScope.ConnAck),
        new(PropertyId.TopicAlias, "Topic Alias", PropertyType.TwoByteInteger, PropertyScope.Publish, PropertyScope.Publish, Minimum: 1,
            OutOfRange: ReasonCode.TopicAliasInvalid),
        new(PropertyId.MaximumQoS, "Maximum QoS", PropertyType.Byte, Never, PropertyScope.ConnAck, Maximum: 1),
        new(PropertyId.RetainAvailable, "Retain Available", PropertyType.Byte, Never, PropertyScope.ConnAck, Maximum: 1),
        new(PropertyId.UserProperty, "User Property", PropertyType.Utf8StringPair, ClientUsers, ServerUsers,
            Repeats: ClientUsers | ServerUsers),
        new(PropertyId.MaximumPacketSize, "Maximum Packet Size", PropertyType.FourByteInteger, PropertyScope.Connect, PropertyScope.ConnAck, Minimum: 1),
        new(PropertyId.WildcardSubscriptionAvailable, "Wildcard Subscription Available", PropertyType.Byte, Never, PropertyScope.ConnAck, Maximum: 1),
        new(PropertyId.SubscriptionIdentifierAvailable, "Subscription Identifier Available", PropertyType.Byte, Never, PropertyScope.ConnAck, Maximum: 1),
        new(PropertyId.SharedSubscriptionAvailable, "Shared Subscription Available", PropertyType.Byte, Never, PropertyScope.ConnAck, Maximum: 1),
    ];

    private static readonly PropertyRow?[] ById = Index();

    /// <summary>The row of an identifier, or null for an identifier that the standard does not define.</summary>
    public static PropertyRow? Find(uint id) => id < (uint)ById.Length ? ById[id] : null;

    private static PropertyRow?[] Index()
    {
        var rows = new PropertyRow?[Rows.Max(row => (int)row.Id) + 1];
        foreach (var row in Rows) rows[(int)row.Id] = row;
        return rows;
    }
}
