using Broker.Web.Operations;
using Broker.Web.Security;

namespace Broker.Web.Components.Pages.Security;

/// <summary>A change that a form asks for.</summary>
internal static class FormChange
{
    /// <summary>Makes it.</summary>
    /// <returns>Why it was not made, in words for whoever sent the form; empty if it was.</returns>
    public static async Task<string> TryAsync(HttpContext http, Func<Task> change)
    {
        try
        {
            await change();
            return "";
        }
        catch (RefusedException refused)
        {
            http.Response.StatusCode = refused.Kind switch
            {
                RefusalKind.Invalid => StatusCodes.Status400BadRequest,
                RefusalKind.Unknown => StatusCodes.Status404NotFound,
                _ => StatusCodes.Status409Conflict,
            };
            return $"Not done: {refused.Message.TrimEnd('.')}.";
        }
        catch (Exception away) when (StoreFailures.IsAway(away))
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return "Not done: the store is away.";
        }
    }
}
