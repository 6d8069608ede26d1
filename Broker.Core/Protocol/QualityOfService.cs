namespace Broker.Core.Protocol;

/// <summary>How surely a message is delivered (MQTT 5, section 4.3).</summary>
public enum QualityOfService : byte
{
    /// <summary>QoS 0: sent once, not acknowledged.</summary>
    AtMostOnce = 0,

    /// <summary>QoS 1: acknowledged by PUBACK, may arrive more than once.</summary>
    AtLeastOnce = 1,

    /// <summary>QoS 2: arrives exactly once, by PUBREC, PUBREL and PUBCOMP.</summary>
    ExactlyOnce = 2,
}
