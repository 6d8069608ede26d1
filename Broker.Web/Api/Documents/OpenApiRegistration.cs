using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Core;
using Broker.Web.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Broker.Web.Api.Documents;

/// <summary>Describes the API: as OpenAPI 3.1 for programs, and as a page for people.</summary>
internal static class OpenApiRegistration
{
    private const string Document = "v1", Key = "apiKey", Problem = "application/problem+json";

    private static readonly (int Status, string Meaning)[] Failures = [(400, "Something in the request is not allowed; the problem names the field"), (401, "Nobody is signed in"), (403, "The scope is missing")];

    /// <summary>Adds what describes the API.</summary>
    public static void AddDocuments(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer(Introduce);
        options.AddOperationTransformer(Complete);
    });

    /// <summary>Maps the document and the page.</summary>
    public static void MapDocuments(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization(Scopes.ReadOrLocal);
        app.MapGet("/api/docs", DocsPage.RenderAsync).RequireAuthorization(Scopes.ReadOrLocal).ExcludeFromDescription();
    }

    private static Task Introduce(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Broker",
            Version = MqttBroker.Version,
            Description = "Everything that the dashboard can do, for programs. Lists answer items and nextCursor; ask again with cursor until that is null. Times are RFC 3339 in UTC. Failures are problem details with a code and a traceId.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Key] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key. Its scopes are read, operate, publish and admin." };
        return Task.CompletedTask;
    }

    private static async Task Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        string scope = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().First().Policy!;
        operation.Description = $"{operation.Description} Needs the scope {scope}.".TrimStart();
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, context.Document)] = [scope] }];
        operation.Responses ??= [];
        var schema = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), cancellationToken: cancellation);
        foreach (var (status, meaning) in Failures.Concat(context.Description.RelativePath!.Contains('{', StringComparison.Ordinal) ? [(404, "There is nothing of that name")] : []))
            operation.Responses.TryAdd($"{status}", new OpenApiResponse { Description = meaning, Content = new Dictionary<string, OpenApiMediaType> { [Problem] = new() { Schema = schema } } });
        var json = context.ApplicationServices.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
        var body = context.Description.ParameterDescriptions.FirstOrDefault(parameter => parameter.Source.Id == "Body")?.Type;
        Show(operation.RequestBody?.Content, body, json);
        foreach (var answer in context.Description.SupportedResponseTypes)
            Show(operation.Responses.GetValueOrDefault($"{answer.StatusCode}")?.Content, answer.Type, json);
    }

    private static void Show(IDictionary<string, OpenApiMediaType>? content, Type? type, JsonSerializerOptions json)
    {
        if (content is null || type is null || Examples.Of(type) is not { } example) return;
        foreach (var media in content.Values) media.Example ??= JsonNode.Parse(JsonSerializer.Serialize(example, json));
    }
}
