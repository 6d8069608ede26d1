using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Diagnostics;

namespace Broker.Web.Security.Access;

/// <summary>What a change of the rules would end.</summary>
/// <param name="Count">How many subscriptions of clients, connected or away.</param>
/// <param name="Sample">Some of them, each with the rule that would end it.</param>
internal sealed record RevocationPreview(int Count, IReadOnlyList<RevokedSubscription> Sample);

/// <summary>Tells what changes of the rules would end, and changes nothing.</summary>
internal sealed class RuleTrials(AccessRules rules, MqttBroker broker)
{
    /// <summary>What a change of the list would end.</summary>
    /// <exception cref="RefusedException">The change is not allowed.</exception>
    public async Task<RevocationPreview> TryAsync(Action<RuleList> change, CancellationToken cancellation = default) =>
        Preview(await rules.AfterAsync(change, cancellation).ConfigureAwait(false));

    /// <summary>What another default would end.</summary>
    /// <exception cref="RefusedException">The configuration sets it.</exception>
    public async Task<RevocationPreview> TryAsync(bool allowsByDefault, CancellationToken cancellation = default) =>
        Preview(await rules.AfterAsync(allowsByDefault, cancellation).ConfigureAwait(false));

    private RevocationPreview Preview(AccessPolicy policy)
    {
        var (count, sample) = broker.WouldRevoke(policy);
        return new RevocationPreview(count, sample);
    }
}
