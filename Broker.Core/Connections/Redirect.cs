using Broker.Core.Protocol;

namespace Broker.Core.Connections;

/// <summary>Where clients are sent instead (MQTT 5, section 4.11), below <c>Mqtt:Redirect</c>: while it is set, nobody is let in.</summary>
public sealed class Redirect
{
    /// <summary>The Server Reference: host names or addresses with ports, separated by spaces; empty to serve clients here.</summary>
    public string ServerReference { get; set; } = "";

    /// <summary>Whether they are to stay there (0x9D, Server moved) or only for now (0x9C, Use another server).</summary>
    public bool Moved { get; set; }

    /// <summary>Whether clients are sent elsewhere.</summary>
    internal bool IsOn => ServerReference.Length > 0;

    internal ReasonCode Reason => Moved ? ReasonCode.ServerMoved : ReasonCode.UseAnotherServer;
}
