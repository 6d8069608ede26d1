using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Broker.Web.Security;

/// <summary>Answers to programs that may not do what they ask for, as RFC 9457 problem details.</summary>
internal static class Refusals
{
    /// <summary>401: nobody is signed in.</summary>
    public static Task UnauthorizedAsync(HttpContext http, string? why = null)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"Broker\", charset=\"UTF-8\"";
        return WriteAsync(http, StatusCodes.Status401Unauthorized, "unauthorized", "Sign-in needed", why ?? "send an API key as Authorization: Bearer");
    }

    /// <summary>403: whoever is signed in may not.</summary>
    public static Task ForbiddenAsync(HttpContext http) =>
        WriteAsync(http, StatusCodes.Status403Forbidden, "forbidden", "Not allowed", $"{http.User.Identity?.Name} has not the scope that this needs");

    /// <summary>Any of them.</summary>
    public static Task WriteAsync(HttpContext http, int status, string code, string title, string detail)
    {
        http.Response.StatusCode = status;
        var problem = new ProblemDetails
        {
            Status = status,
            Title = title,
            Detail = detail,
            Extensions = { ["code"] = code, ["traceId"] = Activity.Current?.Id ?? http.TraceIdentifier },
        };
        return http.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json", http.RequestAborted);
    }
}
