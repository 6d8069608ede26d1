using Broker.Web.Configuration;

namespace Broker.Web.Commands;

/// <summary>Arguments as the configuration reads them: <c>--Key=value</c>, <c>--Key value</c>, <c>/Key=value</c>, <c>/Key value</c> and <c>Key=value</c>.</summary>
internal static class Arguments
{
    private const string Example = "a setting is written like --Mqtt:Limits:ReceiveMaximum=64";

    // What the web host takes, besides the sections of the broker's own keys.
    private static readonly string[] HostKeys =
    [
        "AllowedHosts", "ConnectionStrings", "Kestrel", "Logging", "urls", "http_ports", "https_ports", "environment", "contentRoot", "webRoot", "applicationName",
        "detailedErrors", "captureStartupErrors", "shutdownTimeoutSeconds", "suppressStatusMessages", "hostingStartupAssemblies", "preventHostingStartup", "hostBuilder",
    ];

    /// <summary>Everything that the configuration would pass over, each with what to do.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="commands">The commands that could have been meant by a bare word.</param>
    /// <param name="options">Keys that are understood besides the settings.</param>
    public static IReadOnlyList<string> Mistakes(IReadOnlyList<string> args, IReadOnlyList<string> commands, IReadOnlyList<string> options)
    {
        var known = KnownKeys.All.Select(Section).Concat(HostKeys).Concat(options).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var mistakes = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            if (!IsSwitch(arg) && arg.StartsWith('-')) mistakes.Add($"{arg}: there is no such option; {Example}.");
            else if (commands.Contains(arg)) mistakes.Add($"{arg}: a command stands before all settings.");
            else if (!IsSwitch(arg) && equals < 0) mistakes.Add($"{arg}: {(commands.Count > 0 ? "there is no such command" : "this is no setting")}. {Meant(arg, commands)}");
            else if (Section(Key(arg, equals)) is var section && !known.Contains(section, StringComparer.OrdinalIgnoreCase)) mistakes.Add($"{arg}: there is no such setting. {Meant(section, known)}");
            else if (equals < 0 && !HasValue(args, i)) mistakes.Add($"{arg}: it has no value; {Example}.");
            if (IsSwitch(arg) && equals < 0 && HasValue(args, i)) i++;
        }
        return mistakes;
    }

    // The configuration would take "--a --b=1" for a with the value "--b=1".
    private static bool HasValue(IReadOnlyList<string> args, int index) => index + 1 < args.Count && !args[index + 1].StartsWith("--", StringComparison.Ordinal);

    private static bool IsSwitch(string arg) => arg.StartsWith("--", StringComparison.Ordinal) || arg.StartsWith('/');

    private static string Key(string arg, int equals) => (equals < 0 ? arg : arg[..equals])[(arg.StartsWith("--", StringComparison.Ordinal) ? 2 : arg.StartsWith('/') ? 1 : 0)..];

    private static string Section(string key) => key.Split(':')[0];

    private static string Meant(string word, IReadOnlyList<string> known) =>
        known.Count > 0 && NearestKey.Of(word, known) is { } near ? $"Did you mean {near}?" : $"{char.ToUpperInvariant(Example[0])}{Example[1..]}; help tells the commands.";
}
