using System.Net.Mime;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Components;

/// <summary>Puts the dashboard's pages and static files on the host.</summary>
public static class PageRegistration
{
    /// <summary>Adds what the pages need.</summary>
    public static WebApplicationBuilder AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddSingleton<RateSampler>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RateSampler>());
        builder.Services.AddDataProtection().AddKeyManagementOptions(keys =>
        {
            keys.XmlRepository = new KeysInMemory();
            keys.XmlEncryptor = new NullXmlEncryptor();
        });
        return builder;
    }

    /// <summary>Maps the pages, the static files and the answer to a page that does not exist.</summary>
    public static WebApplication MapPages(this WebApplication app)
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
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    private static bool WantsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.GetTypedHeaders().Accept.Any(accepted => accepted.MatchesMediaType(MediaTypeNames.Text.Html));
}
