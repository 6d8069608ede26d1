using Broker.Core;
using Broker.Web.Configuration;
using Broker.Web.Listeners;
using Broker.Web.Security.SignIn;

namespace Broker.Web.Security;

/// <summary>
/// Once the broker is ready: reads the accounts, and makes the first administrator or prints the link with which somebody can. From then on it looks now and then
/// whether accounts were changed elsewhere, notes which API keys were used, and bounds the audit.
/// </summary>
internal sealed partial class AdministrationService(
    MqttBroker broker, BoundListeners bound, HostSettings settings, Credentials credentials, Accounts accounts, ApiKeys keys, AuditTrail audit, SetupLink setup,
    TimeProvider time, ILogger<AdministrationService> log) : BackgroundService, IHostedLifecycleService
{
    private const string FirstName = "admin";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30), RetryAfter = TimeSpan.FromSeconds(1);
    private const int PeriodsBetweenTrims = 120;

    private readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        listening.TrySetResult(); // the link has a port now
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await listening.Task.WaitAsync(stoppingToken);
        await broker.Ready.WaitAsync(stoppingToken);
        while (!await TryAsync(() => BeginAsync(stoppingToken), stoppingToken)) await Task.Delay(RetryAfter, time, stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        for (int round = 0; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            await TryAsync(() => credentials.ReadAsync(stoppingToken), stoppingToken);
            if (accounts.All.Any()) setup.Close(); // somebody made the first one elsewhere
            await TryAsync(() => keys.NoteUseAsync(stoppingToken), stoppingToken);
            if (round % PeriodsBetweenTrims == 0) await TryAsync(() => audit.TrimAsync(stoppingToken), stoppingToken);
        }
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        if (!await accounts.AnyAsync(cancellation))
        {
            if (settings.Admin.Password.Length > 0) await accounts.AddFirstAsync(FirstName, settings.Admin.Password, Actor.Configuration, cancellation);
            else Print(setup.Open());
        }
        await credentials.ReadAsync(cancellation); // last: from now on people can sign in
    }

    private void Print(string token)
    {
        if (bound.Http.Count == 0) return;
        Console.WriteLine($"There is no administrator yet. Whoever opens this link first becomes it; it counts until then, or until the broker ends:{Environment.NewLine}  {Welcome.Reachable(bound.Http[0])}{SetupLink.Path}?token={token}");
    }

    private async Task<bool> TryAsync(Func<Task> step, CancellationToken stopping)
    {
        try
        {
            await step();
            return true;
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            LogFailure(log, failure.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accounts and API keys could not be read or noted, and are tried again: {Why}")]
    private static partial void LogFailure(ILogger log, string why);
}
