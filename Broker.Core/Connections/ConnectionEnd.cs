using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Core.Connections;

/// <summary>Why a connection ended.</summary>
internal sealed record ConnectionEnd(EndedBy By, ReasonCode Reason, string Why)
{
    /// <summary>What operators are told beyond that, and the client is not; null for nothing.</summary>
    public string? Detail { get; init; }

    /// <summary>What operators are told.</summary>
    public string Told => Detail is null ? Why : $"{Why}: {Detail}";

    /// <summary>Whether the will is published: only DISCONNECT 0x00 from the client deletes it [MQTT-3.14.4-3].</summary>
    public bool WillIsDue => !(By == EndedBy.Client && Reason == ReasonCode.Success);
}
