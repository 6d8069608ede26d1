using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Diagnostics;

namespace Broker.Web.Security.Access;

/// <summary>A subscription that would go on with less QoS.</summary>
/// <param name="ClientIdentifier">Whose.</param>
/// <param name="UserName">Its user, or null.</param>
/// <param name="Filter">The whole filter.</param>
/// <param name="QoS">The QoS that it has.</param>
/// <param name="GrantedQoS">The QoS that it would have.</param>
/// <param name="Rule">The rule that grants no more, in words.</param>
public sealed record LoweredSubscriptionView(string ClientIdentifier, string? UserName, string Filter, int QoS, int GrantedQoS, string Rule)
{
    /// <summary>What is told of one.</summary>
    public static LoweredSubscriptionView Of(LoweredSubscription lowered) =>
        new(lowered.ClientIdentifier, lowered.UserName, lowered.Filter, (int)lowered.QoS, (int)lowered.GrantedQoS, lowered.Rule);
}

/// <summary>What a change of the rules would do to subscriptions of clients, connected or away.</summary>
/// <param name="Count">How many would end.</param>
/// <param name="Sample">Some of them, each with the rule that would end it.</param>
/// <param name="Lowered">Those that would go on with less QoS.</param>
public sealed record RuleChangePreview(int Count, IReadOnlyList<RevokedSubscription> Sample, AffectedSubscriptions<LoweredSubscriptionView> Lowered);

/// <summary>Tells which subscriptions changes of the rules would end or lower, and changes nothing.</summary>
internal sealed class RuleTrials(AccessRules rules, MqttBroker broker)
{
    /// <summary>What a change of the list would do.</summary>
    /// <exception cref="RefusedException">The change is not allowed.</exception>
    public async Task<RuleChangePreview> TryAsync(Action<RuleList> change, CancellationToken cancellation = default) =>
        Preview(await rules.AfterAsync(change, cancellation).ConfigureAwait(false));

    /// <summary>What another default would do.</summary>
    /// <exception cref="RefusedException">The configuration sets it.</exception>
    public async Task<RuleChangePreview> TryAsync(bool allowsByDefault, CancellationToken cancellation = default) =>
        Preview(await rules.AfterAsync(allowsByDefault, cancellation).ConfigureAwait(false));

    private RuleChangePreview Preview(AccessPolicy policy)
    {
        var (revoked, lowered) = broker.WouldAffect(policy);
        return new RuleChangePreview(revoked.Count, revoked.Sample, new(lowered.Count, [.. lowered.Sample.Select(LoweredSubscriptionView.Of)]));
    }
}
