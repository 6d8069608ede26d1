using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.Web.Operations;
using Broker.Web.Security;
using Microsoft.AspNetCore.Mvc;

namespace Broker.Web.Api;

/// <summary>There is nothing of that name.</summary>
internal sealed class UnknownException(string what) : Exception($"there is no {what}");

/// <summary>Tells what went wrong as RFC 9457 problem details, with a code for programs and the field for people.</summary>
internal static partial class Problems
{
    private const string Code = "code", TraceId = "traceId", Field = "field", NoBody = "no body was provided";

    /// <summary>Answers what the routes throw, and paths that there are not.</summary>
    public static async Task TellAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            if (ProblemOf(failure) is null) LogFailed(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Problems)), failure, http.Request.Method, http.Request.Path);
            await WriteAsync(http, ProblemOf(failure) ?? Problem(StatusCodes.Status500InternalServerError, "failed", "The broker failed on the request", "its log says why, by the traceId"));
        }
        if (http.Response.HasStarted || http.Response.ContentType is not null) return;
        switch (http.Response.StatusCode)
        {
            case StatusCodes.Status404NotFound: await WriteAsync(http, Problem(StatusCodes.Status404NotFound, "not_found", "Not found", $"there is nothing at {http.Request.Path}")); break;
            case StatusCodes.Status405MethodNotAllowed: await WriteAsync(http, Problem(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", "Method not allowed", $"{http.Request.Method} is not for {http.Request.Path}")); break;
            case StatusCodes.Status415UnsupportedMediaType: await WriteAsync(http, Problem(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "JSON wanted", "send the body as application/json")); break;
            default: break;
        }
    }

    private static ProblemDetails? ProblemOf(Exception failure) => failure switch
    {
        InvalidInputException invalid => Invalid(invalid.Field, invalid.Message),
        UnknownException unknown => Problem(StatusCodes.Status404NotFound, "not_found", "Not found", unknown.Message),
        LimitReachedException limit => Problem(StatusCodes.Status409Conflict, "limit_reached", "A limit is reached", limit.Message),
        RefusedException { Kind: RefusalKind.Invalid } refused => Invalid(refused.About, refused.Message),
        RefusedException { Kind: RefusalKind.Unknown } refused => Problem(StatusCodes.Status404NotFound, "not_found", "Not found", refused.Message),
        RefusedException refused => Problem(StatusCodes.Status409Conflict, "conflict", "It cannot be as things stand", refused.Message),
        UnavailableException away => Problem(StatusCodes.Status503ServiceUnavailable, "store_unavailable", "The store is away", away.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => Invalid(bad),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } large => Problem(StatusCodes.Status413PayloadTooLarge, "payload_too_large", "The body is too large", large.Message),
        BadHttpRequestException other => Problem(other.StatusCode, "bad_request", "The request cannot be read", other.Message),
        _ => null,
    };

    // The framework names a parameter in its message only, and a part of a body in the message or the path of the failure below it.
    private static ProblemDetails Invalid(BadHttpRequestException bad)
    {
        if (bad.InnerException is JsonException json)
        {
            string field = Named().Match(json.Message) is { Success: true } named ? named.Groups["name"].Value : json.Path is { Length: > 2 } path ? path[2..] : "body";
            return Invalid(field, json.Message);
        }
        if (bad.Message.Contains(NoBody, StringComparison.Ordinal)) return Invalid("body", "it is missing");
        return Invalid(Parameter().Match(bad.Message) is { Success: true } parameter ? parameter.Groups["name"].Value : "body", bad.Message);
    }

    private static ProblemDetails Invalid(string field, string problem)
    {
        var invalid = Problem(StatusCodes.Status400BadRequest, "invalid", "Something in the request is not allowed", $"{field}: {problem}");
        invalid.Extensions[Field] = field;
        return invalid;
    }

    private static ProblemDetails Problem(int status, string code, string title, string detail) =>
        new() { Status = status, Title = title, Detail = detail, Extensions = { [Code] = code } };

    private static Task WriteAsync(HttpContext http, ProblemDetails problem)
    {
        problem.Extensions[TraceId] = Activity.Current?.Id ?? http.TraceIdentifier;
        http.Response.StatusCode = problem.Status!.Value;
        return http.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json", http.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger log, Exception failure, string method, string path);

    [GeneratedRegex("""parameter "([^"]* )?(?<name>\w+)" """, RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"(JSON property|including:|property) '(?<name>\w+)'", RegexOptions.ExplicitCapture)]
    private static partial Regex Named();
}
