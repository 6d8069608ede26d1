using Broker.Core;

namespace Broker.Web.Listeners;

/// <summary>The answer of a health check.</summary>
/// <param name="Status"><c>live</c>, <c>ready</c> or <c>unavailable</c>.</param>
/// <param name="Reason">Why, in words for an operator.</param>
internal sealed record HealthReport(string Status, string Reason);

/// <summary>Health checks for service managers and load balancers, without a login.</summary>
internal static class Health
{
    /// <summary>Maps <c>/health/live</c>, which answers as long as the process serves, and <c>/health/ready</c>, 503 while clients cannot be served.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => TypedResults.Ok(new HealthReport("live", "the process serves")));
        app.MapGet("/health/ready", (MqttBroker broker, IHostApplicationLifetime lifetime) =>
        {
            var (ready, reason) = lifetime.ApplicationStopping.IsCancellationRequested ? (false, "shutting down") : broker.Readiness;
            return TypedResults.Json(new HealthReport(ready ? "ready" : "unavailable", reason), statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
