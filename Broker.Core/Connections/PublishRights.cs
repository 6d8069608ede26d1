using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Core.Connections;

/// <summary>What one publisher may publish to: it finds the topics that it used last again until the rules change. Belongs to its connection's thread.</summary>
internal sealed class PublishRights(Session session)
{
    private const int Places = 32;

    private (byte[] Topic, AccessDecision Decision)[]? places;
    private ClientRules? rules;

    /// <summary>Whether the publisher may publish.</summary>
    public AccessDecision Decide(ReadOnlySpan<byte> topic, QualityOfService qos, bool retain)
    {
        var now = session.Rights;
        if (qos > QualityOfService.AtMostOnce || retain || now.IsOpenToPublish) return now.Publish(topic, qos, retain);
        if (places is null || now != rules)
        {
            places = new (byte[], AccessDecision)[Places];
            rules = now;
        }
        ref var place = ref places[(uint)Utf8Comparer.Hash(topic) % Places];
        if (place.Decision is null || !topic.SequenceEqual(place.Topic)) place = (topic.ToArray(), now.Publish(topic, qos, retain));
        return place.Decision;
    }
}
