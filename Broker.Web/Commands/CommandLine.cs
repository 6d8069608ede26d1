using Broker.Web.Components;

namespace Broker.Web.Commands;

/// <summary>What the command line asks for besides running the broker: the commands, and what to say of a slip of the pen.</summary>
internal static class CommandLine
{
    private const string Health = "health", Help = "help", Version = "version";

    // Commands that work on the store, beside a broker that runs or without one.
    private static readonly Dictionary<string, (Func<string[], Task<int>> RunAsync, string Usage)> StoreCommands = new(StringComparer.Ordinal)
    {
        ["user"] = (UserCommand.RunAsync, UserCommand.Usage),
        ["token"] = (TokenCommand.RunAsync, TokenCommand.Usage),
        ["acl"] = (AclCommand.RunAsync, AclCommand.Usage),
    };

    private static string Usage => $"""
        Broker {BrokerVersion.Short}, an MQTT broker

          dotnet Broker.Web.dll [--Key=value …]   runs the broker
          dotnet Broker.Web.dll {Health}            asks the broker that runs on this machine with these settings whether it
                                                  is ready, tells its answer, and ends with 0 if it is, else with 1
              --url=http://host:port              asks the broker there instead
          dotnet Broker.Web.dll {Version}           tells the version
          dotnet Broker.Web.dll {Help}              tells this

        With the settings of the broker, and while it runs too:

        {Indented(string.Join(Environment.NewLine, StoreCommands.Values.Select(command => command.Usage)))}

        README.md lists the keys; they can stand in appsettings.json and in the environment too.
        """;

    /// <summary>What to run instead of the broker, or null. It gives back the exit code.</summary>
    public static Func<Task<int>>? Command(string[] args)
    {
        if (args is [var first, .. var own] && StoreCommands.TryGetValue(first, out var store)) return () => store.RunAsync(own);
        var (word, rest) = args is [Health or Help or Version, ..] ? (args[0], args[1..]) : ("", args);
        if (word == Help || args is ["--help" or "-h" or "-?" or "/?", ..]) return () => Tell(Console.Out, Usage, 0);
        if (word == Version || args is ["--version", ..]) return () => Tell(Console.Out, $"Broker {BrokerVersion.Full}", 0);

        // The configuration would pass over what it does not understand, and the broker would run without what was asked for.
        var mistakes = Arguments.Mistakes(rest, word.Length == 0 ? [Health, Help, Version, .. StoreCommands.Keys] : [], word == Health ? [HealthCommand.Url] : []);
        if (mistakes.Count > 0) return () => Tell(Console.Error, string.Join(Environment.NewLine, mistakes.Select(mistake => $"error: {mistake}")), 1);
        return word == Health ? () => HealthCommand.RunAsync(rest) : null;
    }

    /// <summary>Tells how a command is used: as it was asked for, or because its verb is missing or unknown.</summary>
    public static Task<int> TellUsageAsync(string usage, string[] args) =>
        args is ["help" or "--help" or "-h"] ? Tell(Console.Out, usage, 0)
        : Tell(Console.Error, $"error: {(args.Length == 0 ? "what is to be done?" : $"{args[0]}: there is no such command.")} There are:{Environment.NewLine}{usage}", 1);

    private static string Indented(string text) => text.ReplaceLineEndings($"{Environment.NewLine}  ");

    private static async Task<int> Tell(TextWriter writer, string text, int exitCode)
    {
        await writer.WriteLineAsync(text);
        return exitCode;
    }
}
