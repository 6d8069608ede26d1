using Broker.Core.Protocol;

namespace Broker.Core.Connections;

/// <summary>Who ended a connection.</summary>
internal enum EndedBy
{
    /// <summary>The client, by DISCONNECT.</summary>
    Client,

    /// <summary>The broker.</summary>
    Server,

    /// <summary>Nobody said so: the stream broke off.</summary>
    Network,
}

/// <summary>Why a connection ended.</summary>
internal sealed record ConnectionEnd(EndedBy By, ReasonCode Reason, string Why)
{
    /// <summary>Whether the will is published: only DISCONNECT 0x00 from the client deletes it [MQTT-3.14.4-3].</summary>
    public bool WillIsDue => !(By == EndedBy.Client && Reason == ReasonCode.Success);
}
