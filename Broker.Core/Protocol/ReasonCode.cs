namespace Broker.Core.Protocol;

/// <summary>The result of an operation (MQTT 5, section 2.4); 0x80 and above are failures.</summary>
public enum ReasonCode : byte
{
#pragma warning disable CS1591 // the names are the standard's own
    Success = 0x00,
    GrantedQoS1 = 0x01,
    GrantedQoS2 = 0x02,
    DisconnectWithWillMessage = 0x04,
    NoMatchingSubscribers = 0x10,
    NoSubscriptionExisted = 0x11,
    ContinueAuthentication = 0x18,
    ReAuthenticate = 0x19,
    UnspecifiedError = 0x80,
    MalformedPacket = 0x81,
    ProtocolError = 0x82,
    ImplementationSpecificError = 0x83,
    UnsupportedProtocolVersion = 0x84,
    ClientIdentifierNotValid = 0x85,
    BadUserNameOrPassword = 0x86,
    NotAuthorized = 0x87,
    ServerUnavailable = 0x88,
    ServerBusy = 0x89,
    Banned = 0x8A,
    ServerShuttingDown = 0x8B,
    BadAuthenticationMethod = 0x8C,
    KeepAliveTimeout = 0x8D,
    SessionTakenOver = 0x8E,
    TopicFilterInvalid = 0x8F,
    TopicNameInvalid = 0x90,
    PacketIdentifierInUse = 0x91,
    PacketIdentifierNotFound = 0x92,
    ReceiveMaximumExceeded = 0x93,
    TopicAliasInvalid = 0x94,
    PacketTooLarge = 0x95,
    MessageRateTooHigh = 0x96,
    QuotaExceeded = 0x97,
    AdministrativeAction = 0x98,
    PayloadFormatInvalid = 0x99,
    RetainNotSupported = 0x9A,
    QoSNotSupported = 0x9B,
    UseAnotherServer = 0x9C,
    ServerMoved = 0x9D,
    SharedSubscriptionsNotSupported = 0x9E,
    ConnectionRateExceeded = 0x9F,
    MaximumConnectTime = 0xA0,
    SubscriptionIdentifiersNotSupported = 0xA1,
    WildcardSubscriptionsNotSupported = 0xA2,
#pragma warning restore CS1591
}

/// <summary>Where each reason code may stand, and what it becomes before MQTT 5.</summary>
public static class ReasonCodes
{
    /// <summary>Whether the code tells of a failure.</summary>
    public static bool IsError(this ReasonCode reason) => (byte)reason >= 0x80;

    /// <summary>
    /// The CONNACK return code of MQTT 3.1 and 3.1.1 (section 3.2.2.3) that says the same, or null where none does and the connection is closed
    /// without a CONNACK [MQTT-3.2.2-6].
    /// </summary>
    public static byte? ToReturnCode(this ReasonCode reason) => reason switch
    {
        ReasonCode.Success => 0,
        ReasonCode.UnsupportedProtocolVersion => 1,
        ReasonCode.ClientIdentifierNotValid => 2,
        ReasonCode.ServerUnavailable or ReasonCode.ServerBusy or ReasonCode.QuotaExceeded or ReasonCode.UseAnotherServer or ReasonCode.ServerMoved
            or ReasonCode.ConnectionRateExceeded => 3,
        ReasonCode.BadUserNameOrPassword => 4,
        ReasonCode.NotAuthorized or ReasonCode.Banned or ReasonCode.BadAuthenticationMethod => 5,
        _ => null,
    };

    /// <summary>Whether a packet of this type may carry the reason code when that side sends it (MQTT 5, sections 3.4.2.1 to 3.15.2.1).</summary>
    public static bool IsAllowed(ReasonCode reason, ControlPacketType packet, Sender sender)
    {
        bool server = sender == Sender.Server;
        return packet switch
        {
            ControlPacketType.ConnAck => server && (reason is ReasonCode.Success || (reason is >= ReasonCode.UnspecifiedError and <= ReasonCode.Banned)
                || reason is ReasonCode.BadAuthenticationMethod or ReasonCode.TopicNameInvalid or ReasonCode.PacketTooLarge or ReasonCode.QuotaExceeded
                    or ReasonCode.PayloadFormatInvalid or ReasonCode.RetainNotSupported or ReasonCode.QoSNotSupported or ReasonCode.UseAnotherServer
                    or ReasonCode.ServerMoved or ReasonCode.ConnectionRateExceeded),
            ControlPacketType.PubAck or ControlPacketType.PubRec => reason is ReasonCode.Success or ReasonCode.UnspecifiedError
                or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized or ReasonCode.TopicNameInvalid or ReasonCode.PacketIdentifierInUse
                or ReasonCode.QuotaExceeded or ReasonCode.PayloadFormatInvalid || (server && reason == ReasonCode.NoMatchingSubscribers),
            ControlPacketType.PubRel or ControlPacketType.PubComp => reason is ReasonCode.Success or ReasonCode.PacketIdentifierNotFound,
            ControlPacketType.SubAck => server && reason is ReasonCode.Success or ReasonCode.GrantedQoS1 or ReasonCode.GrantedQoS2 or ReasonCode.UnspecifiedError
                or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized or ReasonCode.TopicFilterInvalid or ReasonCode.PacketIdentifierInUse
                or ReasonCode.QuotaExceeded or ReasonCode.SharedSubscriptionsNotSupported or ReasonCode.SubscriptionIdentifiersNotSupported
                or ReasonCode.WildcardSubscriptionsNotSupported,
            ControlPacketType.UnsubAck => server && reason is ReasonCode.Success or ReasonCode.NoSubscriptionExisted or ReasonCode.UnspecifiedError
                or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized or ReasonCode.TopicFilterInvalid or ReasonCode.PacketIdentifierInUse,
            ControlPacketType.Disconnect => server
                ? reason is ReasonCode.Success || (reason.IsError() && Enum.IsDefined(reason) && reason is not (ReasonCode.UnsupportedProtocolVersion
                    or ReasonCode.ClientIdentifierNotValid or ReasonCode.BadUserNameOrPassword or ReasonCode.ServerUnavailable or ReasonCode.Banned
                    or ReasonCode.PacketIdentifierInUse or ReasonCode.PacketIdentifierNotFound))
                : reason is ReasonCode.Success or ReasonCode.DisconnectWithWillMessage or ReasonCode.UnspecifiedError or ReasonCode.MalformedPacket
                    or ReasonCode.ProtocolError or ReasonCode.ImplementationSpecificError or ReasonCode.TopicNameInvalid
                    or ReasonCode.ReceiveMaximumExceeded or ReasonCode.TopicAliasInvalid or ReasonCode.PacketTooLarge or ReasonCode.MessageRateTooHigh
                    or ReasonCode.QuotaExceeded or ReasonCode.AdministrativeAction or ReasonCode.PayloadFormatInvalid,
            ControlPacketType.Auth => reason == ReasonCode.ContinueAuthentication
                || reason == (server ? ReasonCode.Success : ReasonCode.ReAuthenticate),
            _ => false,
        };
    }

    /// <summary>Reads the reason codes that fill the rest of a SUBACK or UNSUBACK.</summary>
    /// <exception cref="ProtocolViolation">0x82 for a code that the packet may not carry [MQTT-3.9.3-2] [MQTT-3.11.3-2].</exception>
    internal static ReasonCode[] Read(ref PacketReader reader, ControlPacketType packet)
    {
        ReasonCode[] reasons = [.. reader.ReadRest().ToArray().Select(code => (ReasonCode)code)];
        foreach (var reason in reasons)
        {
            if (!IsAllowed(reason, packet, Sender.Server)) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"{packet} with reason code 0x{(byte)reason:X2}");
        }
        return reasons;
    }
}
