using Broker.Core;
using Broker.Core.Access;
using Broker.Web.Configuration;
using Broker.Web.Persistence;

namespace Broker.Web.Security.Access;

/// <summary>
/// Gives the rules in the store to the broker: before the first client is let in, after each change of this process before it is answered, and whenever another process
/// has made one. Rules that cannot be understood deny everything, and so do those that cannot be read at start; those that are known stay while the store is away.
/// </summary>
internal sealed partial class LiveAccess : IDisposable
{
    private readonly MqttBroker broker;
    private readonly AccessTables tables;
    private readonly ILogger log;
    private readonly SemaphoreSlim turn = new(1);

    public LiveAccess(MqttBroker broker, AccessTables tables, AccessRules rules, RevisionWatch watch, ILogger<LiveAccess> log)
    {
        (this.broker, this.tables, this.log) = (broker, tables, log);
        rules.Changed = TryTakeAsync;
        watch.On(Revisions.Access, TakeAsync);
    }

    /// <summary>The rules as the broker starts with them.</summary>
    public async Task<AccessPolicy> ReadFirstAsync(CancellationToken cancellation)
    {
        try
        {
            return await tables.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return Unreadable(failure);
        }
    }

    // One after the other, so that what was read first never follows what was read later.
    private async Task TakeAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            AccessPolicy policy;
            try
            {
                policy = await tables.ReadAsync(cancellation).ConfigureAwait(false);
            }
            catch (InvalidDataException wrong)
            {
                policy = Unreadable(wrong);
            }
            bool wasUnreadable = broker.Policy.Trouble is not null;
            broker.UseAccess(policy);
            if (wasUnreadable && policy.Trouble is null) LogReadable(log, policy.Rules.Count);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    // The change is committed: if the store goes away right after it, the watch reads it once the store is back.
    private async Task TryTakeAsync()
    {
        try
        {
            await TakeAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            LogLater(log, failure.Message);
        }
    }

    private AccessPolicy Unreadable(Exception failure)
    {
        string why = failure.Message.ReplaceLineEndings(" ");
        LogUnreadable(log, why);
        return AccessPolicy.Unreadable(why);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The rules of access cannot be read, and everything is denied until they can: {Why}")]
    private static partial void LogUnreadable(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A change of the rules of access cannot be read, and takes effect later: {Why}")]
    private static partial void LogLater(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "The rules of access can be read again: {Count}")]
    private static partial void LogReadable(ILogger log, int count);
}

/// <summary>Puts the rules of access into the host.</summary>
internal static class AccessRegistration
{
    /// <summary>Registers them; the broker asks <see cref="LiveAccess"/> for them when it starts.</summary>
    public static void AddAccess(this IServiceCollection services, HostSettings settings)
    {
        services.AddSingleton(settings.Broker.Access);
        services.AddSingleton<AccessTables>();
        services.AddSingleton<AccessRules>();
        services.AddSingleton<LiveAccess>();
        services.AddSingleton<RuleTrials>();
        services.AddSingleton<AccessQuestions>();
    }
}
