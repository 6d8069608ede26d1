using Broker.Web.Operations;

namespace Broker.Web.Api;

/// <summary>How a client identifier stands in a path: as <see cref="PathNames"/> tells, or as <c>~</c> alone, and it is the parameter <c>clientId</c>.</summary>
internal static class ClientIds
{
    /// <summary>The identifier that a request is about.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static string Of(HttpContext http, string? clientId) =>
        PathNames.Of(http, "/clients/") ?? clientId ?? throw new InvalidInputException("clientId", "it is missing, and the path says ~");
}
