namespace Broker.Web.Metrics;

/// <summary>How metrics travel to a collector.</summary>
public enum OtlpProtocol
{
    /// <summary>Over gRPC, usually to port 4317.</summary>
    Grpc,

    /// <summary>Over HTTP, usually to port 4318 and <c>/v1/metrics</c>.</summary>
    Http,
}

/// <summary>Where metrics are sent, below <c>Metrics</c>; at <c>/metrics</c> they can be fetched in any case.</summary>
public sealed class MetricsOptions
{
    /// <summary>The URL of an OpenTelemetry collector; empty to send nothing.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>How they travel there.</summary>
    public OtlpProtocol OtlpProtocol { get; set; }

    /// <summary>The time between two of them.</summary>
    public TimeSpan OtlpInterval { get; set; } = TimeSpan.FromMinutes(1);
}
