using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>One subscriber of a topic, with what its matching subscriptions ask for together: it gets one copy (MQTT 5, section 3.3.4).</summary>
/// <param name="Subscriber">Who gets the message.</param>
/// <param name="QoS">The highest QoS among its subscriptions [MQTT-3.3.4-2].</param>
/// <param name="RetainAsPublished">Whether one of them keeps RETAIN as published.</param>
/// <param name="NoLocal">Whether all of them leave out the subscriber's own messages.</param>
/// <param name="Identifiers">All their Subscription Identifiers [MQTT-3.3.4-4].</param>
/// <param name="Local">One that holds for the subscriber's own messages where only some of its subscriptions leave them out; else none.</param>
public readonly record struct Match<TSubscriber>(
    TSubscriber Subscriber, QualityOfService QoS, bool RetainAsPublished, bool NoLocal, uint[] Identifiers, Match<TSubscriber>[] Local)
    where TSubscriber : class
{
    internal static Match<TSubscriber> Of(Subscription<TSubscriber> only) =>
        new(only.Subscriber, only.Options.QoS, only.Options.RetainAsPublished, only.Options.NoLocal, only.Identifier == 0 ? [] : [only.Identifier], []);

    internal static Match<TSubscriber> Of(List<Subscription<TSubscriber>> overlapping)
    {
        if (overlapping.Count == 1) return Of(overlapping[0]);
        bool some = overlapping.Exists(subscription => subscription.Options.NoLocal);
        var local = some ? overlapping.FindAll(subscription => !subscription.Options.NoLocal) : [];
        return new Match<TSubscriber>(
            overlapping[0].Subscriber,
            overlapping.Max(subscription => subscription.Options.QoS),
            overlapping.Exists(subscription => subscription.Options.RetainAsPublished),
            some && local.Count == 0,
            [.. overlapping.Select(subscription => subscription.Identifier).Where(identifier => identifier != 0)],
            local.Count > 0 ? [Of(local)] : []);
    }
}

/// <summary>Who gets the messages of one topic. It stays true while the tree's version is <see cref="Version"/>.</summary>
public sealed class Matches<TSubscriber> where TSubscriber : class
{
    /// <summary>The tree's version before it was searched.</summary>
    public required long Version { get; init; }

    /// <summary>The topic.</summary>
    public required byte[] Topic { get; init; }

    /// <summary>The subscribers, each once.</summary>
    public required Match<TSubscriber>[] Subscribers { get; init; }

    /// <summary>The share groups, each of which gets one copy.</summary>
    public required ShareGroup<TSubscriber>[] Groups { get; init; }

    /// <summary>How many copies there are to deliver at most.</summary>
    public int Count => Subscribers.Length + Groups.Length;
}
