using System.Text;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Api;

/// <summary>Metrics travel to an OpenTelemetry collector.</summary>
public sealed class CollectorTests
{
    private static readonly byte[] EmptyMessage = new byte[5]; // of gRPC: not compressed, no bytes

    [Theory]
    [InlineData("Http", "/v1/metrics", "/v1/metrics", "application/x-protobuf")]
    [InlineData("Grpc", "", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "application/grpc")]
    public async Task They_arrive_over_HTTP_and_gRPC(string protocol, string path, string expectedPath, string expectedType)
    {
        var came = new TaskCompletionSource<(string Path, string? Type, string Body)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var collector = await StartAsync(protocol == "Grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1, came);
        var broker = new Exporting(collector.Urls.Single() + path, protocol);
        await broker.InitializeAsync();

        var got = await came.Task.WaitAsync(RunningProgram.Patience);
        await broker.DisposeAsync();
        (got.Path, got.Type).ShouldBe((expectedPath, expectedType));
        // Texts stand in protobuf as they are.
        foreach (string name in new[] { "service.name", "mqtt_broker_connections_accepted", "mqtt_broker_publish_dropped", "slowreader" }) got.Body.ShouldContain(name);
    }

    private static async Task<WebApplication> StartAsync(HttpProtocols protocols, TaskCompletionSource<(string Path, string? Type, string Body)> came)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = protocols));
        var collector = builder.Build();
        collector.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            http.Response.ContentType = http.Request.ContentType;
            if (protocols == HttpProtocols.Http2)
            {
                await http.Response.Body.WriteAsync(EmptyMessage);
                http.Response.AppendTrailer("grpc-status", "0");
            }
            came.TrySetResult((http.Request.Path, http.Request.ContentType, Encoding.Latin1.GetString(body.ToArray())));
        });
        await collector.StartAsync();
        return collector;
    }

    private sealed class Exporting(string endpoint, string protocol)
        : BrokerHost(("Metrics:OtlpEndpoint", endpoint), ("Metrics:OtlpProtocol", protocol), ("Metrics:OtlpInterval", "1 s"));
}
