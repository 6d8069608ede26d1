using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Core.Connections;

/// <summary>Why a connection ended.</summary>
internal sealed record ConnectionEnd(EndedBy By, ReasonCode Reason, string Why)
{
    /// <summary>Whether the will is published: only DISCONNECT 0x00 from the client deletes it [MQTT-3.14.4-3].</summary>
    public bool WillIsDue => !(By == EndedBy.Client && Reason == ReasonCode.Success);
}
