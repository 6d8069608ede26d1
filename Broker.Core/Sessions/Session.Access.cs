using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <content>
/// Whose the session is, and what that identity may do. Publishing is checked at each publish, subscribing at SUBSCRIBE; a delivery only where a rule could
/// deny it: <see cref="checksDeliveries"/> tells so, and costs nothing where none can.
/// </content>
public sealed partial class Session
{
    private Standing standing;
    private volatile bool checksDeliveries;
    private bool isStrict = true;

    /// <summary>The user that it belongs to, or null if its client is anonymous. Another identity never gets it.</summary>
    public string? UserName => Identity.UserName;

    /// <summary>Whether an administrator has let go of it: the next client of this identifier becomes its owner, whoever that is.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>Who its client is: as it connected last, or as the store knows it.</summary>
    public ClientIdentity Identity => Volatile.Read(ref standing).Client;

    /// <summary>What the rules of this moment say for its client.</summary>
    internal ClientRules Rights
    {
        get
        {
            while (true)
            {
                var (known, policy) = (Volatile.Read(ref standing), services.Access.Policy);
                if (known.Rules.Policy == policy) return known.Rules;
                // Publishers ask under no lock, and another client may be taking the session: what was found for the one before it is not kept.
                var now = known with { Rules = policy.RulesOf(known.Client) };
                if (Interlocked.CompareExchange(ref standing, now, known) == known) return now.Rules;
            }
        }
    }

    /// <summary>Under the lock: whether a client may have the session.</summary>
    internal bool BelongsTo(ClientIdentity client) => Attachments == 0 || IsReleased || UserName == client.UserName;

    /// <summary>Under the lock: a client has it now.</summary>
    internal void Take(ClientIdentity client)
    {
        (isStrict, IsReleased) = (true, false);
        Volatile.Write(ref standing, StandingOf(client));
    }

    /// <summary>An administrator gives it to another user, or lets go of it; a connection that it has is to end.</summary>
    /// <param name="userName">The new owner; null for an anonymous client.</param>
    /// <param name="released">Whether the next client becomes the owner, whoever it is.</param>
    internal SessionOwned Reassign(string? userName, bool released)
    {
        lock (Gate)
        {
            Volatile.Write(ref standing, StandingOf(ClientIdentity.Stored(ClientIdentifier, userName)));
            IsReleased = released;
            return new SessionOwned(Key, userName, released);
        }
    }

    /// <summary>
    /// Holds the session to the rules of this moment: subscriptions that they do not allow any more end, those that they grant less QoS go on with that, and what waits is
    /// checked before it leaves. While the rules cannot be read nothing ends and nothing leaves.
    /// </summary>
    internal void HoldToRules(Delivery delivery)
    {
        var revoked = new List<(string Filter, AccessDecision Decision)>();
        var lowered = new List<(Subscription<Session> Subscription, AccessDecision Decision)>();
        lock (Gate)
        {
            var now = Rights;
            bool isUnknown = now.Policy.Trouble is not null;
            bool isCut = isUnknown || (now.CanDenyDeliveries && (queue.Waiting > 0 || queue.HasRest || retained is not null));
            foreach (var subscription in subscriptions.ToArray())
            {
                if (isUnknown) break;
                if (!now.CanDenyDeliveries && !now.CanLowerQoS && !TopicName.IsReserved(subscription.Filter.Utf8)) continue; // those are denied without a rule too
                var decision = now.Subscribe(subscription.Filter);
                isCut |= decision.IsCut;
                if (!Tolerates(decision)) revoked.Add((subscription.Filter.Text, decision));
                else if (Lowers(decision, subscription)) lowered.Add((subscription, decision));
            }
            checksDeliveries = isCut || revoked.Count > 0;
            foreach (var (filter, _) in revoked) RemoveSubscription(filter, delivery);
            foreach (var (subscription, decision) in lowered) Lower(subscription, decision.Rule.MaximumQoS, delivery);
            if (outbox is not null) SendWaiting(delivery);
        }
        foreach (var (filter, decision) in revoked) services.Events.Tell(new SubscriptionRevoked(ClientIdentifier, filter, decision.ToString()));
        foreach (var (subscription, decision) in lowered)
            services.Events.Tell(new SubscriptionLowered(ClientIdentifier, subscription.Filter.Text, decision.Rule.MaximumQoS, decision.ToString()));
    }

    private static bool Lowers(AccessDecision decision, Subscription<Session> subscription) => decision.Allows && subscription.Options.QoS > decision.Rule.MaximumQoS;

    private void Lower(Subscription<Session> old, QualityOfService qos, Delivery delivery) =>
        Keep(new Subscription<Session>(this, old.Filter, old.Options with { QoS = qos }, old.Identifier) { Number = old.Number }, old, delivery);

    /// <summary>The subscriptions that <see cref="HoldToRules"/> would end or lower by other rules.</summary>
    internal IEnumerable<AffectedSubscription> WouldAffect(AccessPolicy policy)
    {
        var (then, now) = (policy.RulesOf(Identity), Rights);
        foreach (var subscription in Subscriptions)
        {
            var decision = then.Subscribe(subscription.Filter);
            if (Lowers(decision, subscription))
                yield return new LoweredSubscription(ClientIdentifier, UserName, subscription.Filter.Text, subscription.Options.QoS, decision.Rule.MaximumQoS, decision.ToString());
            else if (!Tolerates(decision) && Tolerates(now.Subscribe(subscription.Filter)))
                yield return new RevokedSubscription(ClientIdentifier, UserName, subscription.Filter.Text, decision.ToString());
        }
    }

    /// <summary>Whether its will may be published now.</summary>
    internal bool MayPublishWill(ApplicationMessage will, out AccessDecision decision)
    {
        decision = Rights.Publish(will.Topic, will.QoS, will.Retain);
        return Tolerates(decision);
    }

    // Of a client that was not here since the process began its own rules may be unknown.
    private bool Tolerates(AccessDecision decision) => decision.Allows || (!isStrict && !decision.IsDeniedByRule);

    // The rules cannot be read: what waits is kept until they can.
    private bool MustHold => checksDeliveries && services.Access.Policy.Trouble is not null;

    private bool MayReceive(ReadOnlySpan<byte> topic)
    {
        if (!checksDeliveries) return true;
        return isStrict ? Rights.MayReceive(topic) : !Rights.DeniesByRule(AccessAction.Subscribe, topic);
    }

    // A retained message stays no longer than its publisher may publish there (CVE-2018-12546).
    private bool MayReceiveRetained(ApplicationMessage message)
    {
        if (!MayReceive(message.Topic)) return false;
        if (message.Publisher is not { } publisher || services.Access.Policy is { CanDenyPublishing: false }) return true;
        var rules = services.Access.Policy.RulesOfPublisher(publisher, message.PublisherUser);
        return services.Access.ClientsBringRules ? !rules.DeniesByRule(AccessAction.Publish, message.Topic) : rules.Publish(message.Topic, QualityOfService.AtMostOnce, false).Allows;
    }

    // What the store knows of it.
    private void RestoreOwner(StoredSession stored)
    {
        standing = StandingOf(ClientIdentity.Stored(stored.ClientIdentifier, stored.UserName));
        (isStrict, IsReleased) = (!services.Access.ClientsBringRules, stored.IsReleased);
    }

    private Standing StandingOf(ClientIdentity client) => new(client, services.Access.Policy.RulesOf(client));

    // A client, and what the rules said for it when they were last asked: always exchanged together.
    private sealed record Standing(ClientIdentity Client, ClientRules Rules);
}
