using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Broker.Web.Operations.Messages;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api;

/// <summary>
/// What passes, as server-sent events: <c>message</c> or <c>event</c>, <c>skipped</c> with how much was left out before what follows, and <c>alive</c> when nothing happens.
/// </summary>
internal static class StreamRoutes
{
    private const int LooksUntilAlive = 40;

    /// <summary>Maps them.</summary>
    public static void MapStreams(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("").RequireAuthorization(Scopes.Read).WithTags("Streams");
        routes.MapGet("/messages/stream", Messages).WithSummary("Messages that match a filter, as they pass");
        routes.MapGet("/events/stream", Events).WithSummary("What happens to clients, as it happens");
    }

    private static ServerSentEventsResult<object> Messages(HttpContext http, LiveTail tail, PayloadAccess payloads, string filter) =>
        TypedResults.ServerSentEvents(SendAsync(payloads.For(http.User, tail.MessagesAsync(filter, Ending(http))), "message"));

    private static ServerSentEventsResult<object> Events(HttpContext http, LiveTail tail) =>
        TypedResults.ServerSentEvents(SendAsync(tail.EventsAsync(Ending(http)), "event"));

    // With the host, too: it waits for no onlooker when it stops.
    private static CancellationToken Ending(HttpContext http)
    {
        var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        http.Response.RegisterForDispose(either);
        return either.Token;
    }

    private static async IAsyncEnumerable<SseItem<object>> SendAsync<T>(IAsyncEnumerable<TailBatch<T>> batches, string type, [EnumeratorCancellation] CancellationToken cancellation = default)
        where T : notnull
    {
        int quiet = LooksUntilAlive; // the first look says that the stream has begun
        await foreach (var batch in batches.WithCancellation(cancellation))
        {
            if (batch.Skipped > 0) yield return new SseItem<object>(new CountAnswer(batch.Skipped), "skipped");
            foreach (var item in batch.Items) yield return new SseItem<object>(item, type);
            quiet = batch.Items.Count > 0 ? 0 : quiet + 1;
            if (quiet <= LooksUntilAlive) continue;
            yield return new SseItem<object>(new CountAnswer(0), "alive");
            quiet = 0;
        }
    }
}
