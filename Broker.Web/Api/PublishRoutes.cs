using System.Globalization;
using System.Text.Json;
using Broker.Web.Operations;
using Broker.Web.Operations.Messages;
using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.AspNetCore.Mvc;

namespace Broker.Web.Api;

/// <summary>Publishing. With an <c>Idempotency-Key</c> a request that is sent again gets the answer of the first, and publishes nothing twice.</summary>
internal static class PublishRoutes
{
    private const int MostMessages = 1_000;
    private const string Keys = "With an Idempotency-Key, a request that is sent again within a day gets the answer of the first and publishes nothing twice: of a batch that broke off, the rest is published. Keys belong to the caller, and outlive a restart of the broker where it has a store; the latest 100,000 messages are remembered.";

    /// <summary>Maps it.</summary>
    public static void MapPublish(this RouteGroupBuilder api)
    {
        var routes = api.MapGroup("").RequireAuthorization(Scopes.Publish).WithTags("Publish");
        routes.MapPost("/publish", PublishAsync).WithSummary("Publishes a message; answers once everything of it is committed").WithDescription(Keys);
        routes.MapPost("/publish:batch", PublishBatchAsync).WithSummary("Publishes messages in their order").WithDescription(Keys);
    }

    private static Task<PublishResult> PublishAsync(
        HttpContext http, MessageActions messages, IdempotencyKeys keys, PublishRequest request, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey)
    {
        var caller = Actor.Of(http);
        return keys.OnceAsync(caller, idempotencyKey, Bytes(request), keyed => messages.PublishAsync(request.Message(), caller, keyed));
    }

    private static Task<PublishBatchAnswer> PublishBatchAsync(
        HttpContext http, MessageActions messages, IdempotencyKeys keys, PublishBatchRequest request, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey)
    {
        if (request.Messages is null or { Count: 0 or > MostMessages }) throw new InvalidInputException("messages", $"allowed are 1 to {MostMessages} messages");
        var batch = request.Messages.Select((message, i) => message.Message(string.Create(CultureInfo.InvariantCulture, $"messages[{i}]."))).ToList();
        var caller = Actor.Of(http);
        return keys.OnceAsync(caller, idempotencyKey, Bytes(request), async keyed => new PublishBatchAnswer(await messages.PublishAsync(batch, caller, keyed)));
    }

    private static byte[] Bytes<T>(T request) => JsonSerializer.SerializeToUtf8Bytes(request);
}
