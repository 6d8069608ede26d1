namespace Broker.Core.Access;

/// <summary>What clients may do, below <c>Mqtt:Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>Whether what no rule concerns is allowed; null leaves it to the list of rules.</summary>
    public DefaultAccess? Default { get; set; }

    /// <summary>What becomes of a client that publishes where it may not and whose protocol version cannot be told so.</summary>
    public RefusedPublish RefusedPublish { get; set; }
}

/// <summary>The last row of the rules.</summary>
public enum DefaultAccess
{
    /// <summary>What no rule concerns is allowed.</summary>
    Allow,

    /// <summary>It is denied.</summary>
    Deny,
}

/// <summary>What becomes of a client before MQTT 5 that publishes where it may not.</summary>
public enum RefusedPublish
{
    /// <summary>Its message is acknowledged like any other, and nobody gets it [MQTT 3.1.1: MQTT-3.3.5-2].</summary>
    Acknowledge,

    /// <summary>Its connection ends.</summary>
    Disconnect,
}
