namespace Broker.Web.Listeners;

/// <summary>How the MQTT listeners' sockets are waited for, below <c>Mqtt:Transport</c>.</summary>
public sealed class TransportOptions
{
    /// <summary>On Linux, how many event loops share the connections that are not encrypted; 0 leaves them to the system's thread pool; null takes one for two processors.</summary>
    public int? EventLoops { get; set; }
}
