using Broker.Core;
using Broker.Web.Persistence;

namespace Broker.Web.Security.Users;

/// <summary>Puts the users of MQTT and their tokens into the host.</summary>
internal static class UsersRegistration
{
    /// <summary>Registers them; who is let in is asked of <see cref="UserAuthenticator"/>.</summary>
    public static void AddUsers(this IServiceCollection services)
    {
        services.AddSingleton<RevisionWatch>();
        services.AddSingleton<UserPasswords>();
        services.AddSingleton<UserDirectory>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<UserLookup>();
        services.AddSingleton<Admissions>();
        services.AddSingleton<UnknownSalts>();
        services.AddSingleton<PasswordRenewal>();
        services.AddSingleton<PasswordCheck>();
        services.AddSingleton<UserAuthenticator>();
        services.AddHostedService<UserService>();
    }
}

/// <summary>Once the broker is ready: looks for changes, and notes which tokens were used.</summary>
internal sealed partial class UserService(
    MqttBroker broker, RevisionWatch watch, Administration administration, Admissions admissions, Tokens tokens, TimeProvider time, ILogger<UserService> log) : BackgroundService
{
    private static readonly TimeSpan NotePeriod = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await broker.Ready.WaitAsync(stoppingToken);
        administration.Raised += admissions.Doubt;
        administration.Raised += watch.Look;
        await Task.WhenAll(watch.RunAsync(stoppingToken), Rounds.RunAsync(NotePeriod, time, tokens.NoteUseAsync, why => LogFailed(log, why), stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "It could not be noted which tokens were used, and is tried again: {Why}")]
    private static partial void LogFailed(ILogger log, string why);
}
