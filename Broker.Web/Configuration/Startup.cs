namespace Broker.Web.Configuration;

/// <summary>Runs the host; what keeps it from starting becomes a few lines on standard error and exit code 1, never a stack trace.</summary>
internal static class Startup
{
    private const string Host = "Microsoft.Extensions.Hosting.Internal.Host";
    private static volatile bool started;

    /// <summary>Runs <paramref name="program"/>; gives back the exit code.</summary>
    public static async Task<int> GuardAsync(Func<Task> program)
    {
        try
        {
            await program();
            return 0;
        }
        catch (ConfigurationException refused)
        {
            foreach (var error in refused.Errors) await Console.Error.WriteLineAsync($"error: {error}");
            return 1;
        }
        catch (Exception failure) when (!started)
        {
            // A file of the configuration that cannot be read, a command line that cannot, or Kestrel's own refusal.
            var reasons = new List<string>();
            for (var reason = failure; reason is not null; reason = reason.InnerException)
                if (!reasons.Any(told => told.Contains(reason.Message, StringComparison.Ordinal))) reasons.Add(reason.Message);
            await Console.Error.WriteLineAsync($"error: The broker cannot start: {string.Join(" ", reasons).ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    /// <summary>Keeps the host from logging with a stack trace what <see cref="GuardAsync"/> tells in a line, until it has started.</summary>
    public static void QuietUntilStarted(this WebApplicationBuilder builder)
    {
        var least = builder.Configuration.GetValue("Logging:LogLevel:" + Host, LogLevel.Warning);
        builder.Logging.AddFilter(Host, level => started && level >= least);
        builder.Services.AddHostedService<StartedMark>();
    }

    private sealed class StartedMark(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.ApplicationStarted.Register(() => started = true);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
