using System.Net.Sockets;
using System.Security.Authentication;
using Broker.Bench.Durable;
using Broker.Bench.Growth;
using Broker.Bench.Idle;
using Broker.Bench.Micro;
using Broker.Bench.SlowReaders;
using Broker.Bench.Tls;

namespace Broker.Bench;

/// <summary>Measures: pieces of the broker within this process, or a broker that runs as another one, of whatever make.</summary>
internal static class CommandLine
{
    private static readonly Command[] Commands =
    [
        new(MicroCommand.Name, MicroCommand.Usage, MicroCommand.RunAsync),
        new(SlowReaderCommand.Name, SlowReaderOptions.Usage, SlowReaderCommand.RunAsync),
        new(TlsCommand.Name, TlsOptions.Usage, TlsCommand.RunAsync),
        new(IdleCommand.Name, IdleOptions.Usage, IdleCommand.RunAsync),
        new(GrowthCommand.Name, GrowthOptions.Usage, GrowthCommand.RunAsync),
        new(DurableCommand.Name, DurableOptions.Usage, DurableCommand.RunAsync),
    ];

    /// <summary>What can be said.</summary>
    public static string Usage => $"dotnet Broker.Bench.dll …\n\n{string.Join("\n\n", Commands.Select(command => command.Usage))}";

    public static Task<int> Main(string[] words) => RunAsync(words, Console.Out, Console.Error);

    /// <summary>Runs a command.</summary>
    /// <returns>The exit code: 0 if it measured, 1 if that failed, 2 if it was not understood.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output, TextWriter errors)
    {
        var command = Array.Find(Commands, command => command.Name == words.FirstOrDefault());
        if (command is null)
        {
            bool isHelp = words is ["help" or "--help" or "-h"];
            await (isHelp ? output : errors).WriteLineAsync(isHelp || words.Count == 0 ? Usage : $"error: there is no command {words[0]}\n{Usage}");
            return isHelp ? 0 : 2;
        }
        try
        {
            return await command.RunAsync([.. words.Skip(1)], output);
        }
        catch (FormatException e)
        {
            await errors.WriteLineAsync($"error: {e.Message}\n{command.Usage}");
            return 2;
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException or TimeoutException or AuthenticationException)
        {
            await errors.WriteLineAsync($"error: {e.Message}{(e.InnerException is { } inner ? $" {inner.Message}" : "")}");
            return 1;
        }
    }

    /// <summary>A command, what it takes, and what it does; that answers the exit code.</summary>
    private sealed record Command(string Name, string Usage, Func<IReadOnlyList<string>, TextWriter, Task<int>> RunAsync);
}
