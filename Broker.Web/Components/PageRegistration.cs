using System.Net.Mime;
using Broker.Web.Components.Exports;
using Broker.Web.Components.Figures;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Components;

/// <summary>Puts the dashboard's pages and static files on the host.</summary>
public static class PageRegistration
{
    /// <summary>Adds what the pages need.</summary>
    public static WebApplicationBuilder AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddScoped<CurrentUser>();
        builder.Services.AddSingleton<ExportLists>();
        builder.Services.AddSingleton<StoredCharts>();
        builder.Services.AddSingleton<FigureSampler>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FigureSampler>());
        return builder;
    }

    /// <summary>Puts headers on every answer, and a page where none exists. First of all, so that refusals have them too.</summary>
    public static void UsePageHeaders(this WebApplication app)
    {
        app.Use(PageSecurity.AddHeaders);
        app.UseStatusCodePages(async answer =>
        {
            var http = answer.HttpContext;
            if (http.Response.StatusCode == StatusCodes.Status404NotFound && http.GetEndpoint() is null && WantsPage(http.Request))
            {
                await new RazorComponentResult<App> { StatusCode = StatusCodes.Status404NotFound }.ExecuteAsync(http);
            }
        });
    }

    /// <summary>Maps the pages and the static files.</summary>
    public static void MapPages(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapExports();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null).RequireAuthorization(Scopes.Read);
    }

    private static bool WantsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.GetTypedHeaders().Accept.Any(accepted => accepted.MatchesMediaType(MediaTypeNames.Text.Html));
}
