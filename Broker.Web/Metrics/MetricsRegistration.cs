using System.Diagnostics.Metrics;
using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Web.Configuration;
using Broker.Web.Listeners.Tls;
using Broker.Web.Security;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Broker.Web.Metrics;

/// <summary>Puts the broker's meters on the host: for Prometheus to fetch, and to a collector if the configuration names one.</summary>
public static class MetricsRegistration
{
    /// <summary>Adds what exports the meters.</summary>
    public static WebApplicationBuilder AddMetrics(this WebApplicationBuilder builder, HostSettings settings)
    {
        builder.Services.AddSingleton<PrometheusText>();
        if (settings.Metrics.OtlpEndpoint.Length > 0) builder.Services.AddSingleton(_ => Export(settings.Metrics));
        return builder;
    }

    /// <summary>Maps <c>/metrics</c> and <c>/version</c>, and begins to listen to the meters.</summary>
    public static WebApplication MapMetrics(this WebApplication app)
    {
        CountHandshakes(app);
        app.Services.GetService<MeterProvider>();
        var text = app.Services.GetRequiredService<PrometheusText>();
        app.MapGet("/metrics", () => TypedResults.Text(text.Collect(), PrometheusText.MediaType)).RequireAuthorization(Scopes.ReadOrLocal);
        app.MapGet("/version", () => TypedResults.Ok(new VersionAnswer(MqttBroker.Version))).RequireAuthorization(Scopes.ReadOrLocal);
        return app;
    }

    private static void CountHandshakes(WebApplication app)
    {
        List<TlsEndpoint> endpoints = [.. app.Services.GetRequiredService<HostSettings>().Tls.Where(endpoint => endpoint.Clients is not null)];
        app.Services.GetRequiredService<MqttBroker>().Meters.Meter.CreateObservableCounter(
            "mqtt_broker_tls_refused",
            () => Enum.GetValues<HandshakeRefusal>().Select(reason => new Measurement<long>(endpoints.Sum(endpoint => endpoint.Refusals.Of(reason)), new KeyValuePair<string, object?>("reason", reason.ToString()))),
            null, "TLS handshakes refused for the certificate that the client showed, or for none, by reason.");
    }

    private static MeterProvider Export(MetricsOptions options) => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("broker", serviceVersion: MqttBroker.Version))
        .AddMeter(BrokerMeters.Name)
        .AddOtlpExporter((exporter, reader) =>
        {
            exporter.Endpoint = new Uri(options.OtlpEndpoint);
            exporter.Protocol = options.OtlpProtocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.OtlpInterval.TotalMilliseconds;
        })
        .Build();

    private sealed record VersionAnswer(string Version);
}
