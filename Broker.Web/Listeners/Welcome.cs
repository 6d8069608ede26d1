using System.Reflection;
using System.Text.RegularExpressions;
using Broker.Web.Configuration;

namespace Broker.Web.Listeners;

/// <summary>What the console shows at start: every address, and the next step.</summary>
internal static partial class Welcome
{
    public static void Write(TextWriter console, BoundListeners bound, HostSettings settings)
    {
        var version = typeof(Welcome).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        console.WriteLine($"Broker {version} is running.");
        Show(console, "MQTT", bound.Mqtt);
        Show(console, "WebSocket", bound.WebSocket);
        Show(console, "Dashboard", bound.Http);
        Show(console, "Health", bound.Http.Select(url => url + "/health/ready"));
        console.WriteLine($"  {"Storage",-10} {settings.Storage}");
        console.WriteLine($"Next: {Subscribe(bound.EndPoints[0].Settings.Url with { Port = bound.EndPoints[0].Port })}");
        if (bound.Http.Count > 0) console.WriteLine($"      or open {Reachable(bound.Http[0])}");
        console.WriteLine("Ctrl-C ends it.");
    }

    /// <summary>An address to be opened on this machine, where the URL names all of its addresses.</summary>
    public static string Reachable(string url) => OnEveryAddress().Replace(url, "://localhost:");

    private static void Show(TextWriter console, string what, IEnumerable<string> urls)
    {
        foreach (var url in urls) console.WriteLine($"  {what,-10} {OnEveryAddress().Replace(url, "://*:")}");
    }

    [GeneratedRegex(@"://(0\.0\.0\.0|\[::\]|\*):")]
    private static partial Regex OnEveryAddress();

    private static string Subscribe(ListenerUrl url) =>
        $"mosquitto_sub -h {(url.Host is "*" or "0.0.0.0" or "::" ? "localhost" : url.Host)} -p {url.Port} {(url.IsEncrypted ? "--cafile <your CA> " : "")}-t '#' -v";
}
