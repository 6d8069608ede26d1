using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Web.Api.Documents;
using Broker.Web.Api.Security;

namespace Broker.Web.Api;

/// <summary>Puts the REST API on the host: everything that the dashboard can do, for programs.</summary>
public static class ApiRegistration
{
    /// <summary>Where the resources stand.</summary>
    public const string Root = "/api/v1";

    /// <summary>Adds what the routes need.</summary>
    public static WebApplicationBuilder AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        });
        builder.Services.AddDocuments();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        return builder;
    }

    /// <summary>Maps the resources.</summary>
    public static WebApplication MapApi(this WebApplication app)
    {
        var api = app.MapGroup(Root);
        api.AddEndpointFilterFactory(KnownParameters.Check);
        api.MapBroker();
        api.MapClients();
        api.MapClientChanges();
        api.MapSubscriptions();
        api.MapRetained();
        api.MapPublish();
        api.MapJobs();
        api.MapAdministrators();
        api.MapApiKeys();
        api.MapUsers();
        api.MapTokens();
        api.MapAccessRules();
        api.MapAccessExplain();
        api.MapAudit();
        api.MapStreams();
        app.MapDocuments();
        return app;
    }

    /// <summary>Answers failures of the API as problem details; stands before authentication, so that whatever fails below <see cref="Root"/> is told alike.</summary>
    public static WebApplication UseApiProblems(this WebApplication app)
    {
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase), api => api.Use(Problems.TellAsync));
        return app;
    }
}
