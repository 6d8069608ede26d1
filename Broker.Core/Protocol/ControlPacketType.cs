namespace Broker.Core.Protocol;

/// <summary>The kinds of control packet: the upper four bits of the first byte (MQTT 5, section 2.1.2).</summary>
public enum ControlPacketType : byte
{
#pragma warning disable CS1591 // the names are the standard's own
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
    Auth = 15,
#pragma warning restore CS1591
}

/// <summary>Which side sends a packet: some packets and properties belong to one side only.</summary>
public enum Sender
{
    /// <summary>The packet goes from client to server.</summary>
    Client,

    /// <summary>The packet goes from server to client.</summary>
    Server,
}
