using Broker.Tests.Load.Dashboard;

namespace Broker.Tests.Crash;

/// <summary>The tests' own entry point: <c>dotnet Broker.Tests.dll crash …</c> kills the broker as often as one likes, <c>dashboard-load</c> measures its pages. Test runners do not use it.</summary>
internal static class CommandLine
{
    private static string Usage => $"{CrashOptions.Usage}\n{DashboardCommand.Usage}";

    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            switch (arguments.FirstOrDefault())
            {
                case "crash":
                    return CrashRun.ExecuteAll(CrashOptions.Parse(arguments[1..]), Console.WriteLine).IsClean ? 0 : 1;
                case DashboardCommand.Name:
                    return await DashboardCommand.RunAsync(arguments[1..], Console.Out);
                case LyingBroker.Command:
                    await LyingBroker.RunAsync(arguments[1..]);
                    return 0;
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}\n{Usage}");
            return 2;
        }
    }
}
