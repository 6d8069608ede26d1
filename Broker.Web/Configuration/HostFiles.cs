namespace Broker.Web.Configuration;

/// <summary>Finds the host's own files, wherever it was started.</summary>
internal static class HostFiles
{
    /// <summary>A builder that finds its files. Those of a build are found through the list that the build left, which a published program has no need of.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(Locate(args));
        builder.WebHost.UseStaticWebAssets();
        return builder;
    }

    /// <summary>
    /// The content root is the project when it is run from there, as <c>dotnet run</c> does, and else where the program lies. The working directory is not
    /// looked at: an <c>appsettings.json</c> that happens to lie there belongs to something else. <c>--contentRoot</c> overrules.
    /// </summary>
    public static WebApplicationOptions Locate(string[] args)
    {
        var project = File.Exists(Path.Combine(Directory.GetCurrentDirectory(), "Broker.Web.csproj"));
        var named = Environment.GetEnvironmentVariable("ASPNETCORE_CONTENTROOT") is { Length: > 0 } || args.Any(arg => arg.StartsWith("--contentRoot", StringComparison.OrdinalIgnoreCase));
        return new WebApplicationOptions { Args = args, ContentRootPath = project || named ? null : AppContext.BaseDirectory };
    }
}
