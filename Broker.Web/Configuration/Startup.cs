using Broker.Core.Storage;

namespace Broker.Web.Configuration;

/// <summary>Runs the host; what keeps it from starting becomes a few lines on standard error and exit code 1, never a stack trace.</summary>
internal sealed class Startup
{
    private const string Host = "Microsoft.Extensions.Hosting.Internal.Host";
    private volatile bool started;

    /// <summary>Runs <paramref name="program"/>; gives back the exit code.</summary>
    public async Task<int> GuardAsync(Func<Task> program)
    {
        try
        {
            await program();
            return Environment.ExitCode; // 1 where the store was lost
        }
        catch (ConfigurationException refused)
        {
            foreach (var error in refused.Errors) await Console.Error.WriteLineAsync($"error: {error}");
            return 1;
        }
        catch (StoreRefusedException refused)
        {
            await Console.Error.WriteLineAsync($"error: {refused.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
        catch (Exception failure) when (!started && failure is not HostAbortedException) // that one is how design tools take the host they asked for
        {
            // A file of the configuration or a command line that cannot be read, or a refusal of Kestrel's.
            await Console.Error.WriteLineAsync($"error: The broker cannot start: {Reasons(failure)}");
            return 1;
        }
    }

    /// <summary>Keeps the host from logging with a stack trace what <see cref="GuardAsync"/> tells in a line, until it has started.</summary>
    public void Quiet(WebApplicationBuilder builder)
    {
        var least = builder.Configuration.GetValue("Logging:LogLevel:" + Host, LogLevel.Warning);
        builder.Logging.AddFilter(Host, level => started && level >= least);
        builder.Services.AddHostedService(services => new StartedMark(services.GetRequiredService<IHostApplicationLifetime>(), () => started = true));
    }

    private static string Reasons(Exception failure)
    {
        var reasons = new List<string>();
        for (var reason = failure; reason is not null; reason = reason.InnerException)
            if (!reasons.Any(told => told.Contains(reason.Message, StringComparison.Ordinal))) reasons.Add(reason.Message);
        return string.Join(" ", reasons).ReplaceLineEndings(" ");
    }

    private sealed class StartedMark(IHostApplicationLifetime lifetime, Action mark) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.ApplicationStarted.Register(mark);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
