using System.Globalization;
using System.Text;
using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Web.Operations.Clients;

/// <summary>The subscriptions of all sessions, also of those that are not stored, and who gets what.</summary>
internal sealed class SubscriptionQueries(MqttBroker broker)
{
    private const int LongestTopic = 65_535;

    /// <summary>The subscriptions of a client; null if it has no session.</summary>
    public IReadOnlyList<SubscriptionView>? OfClient(string clientId) =>
        broker.FindSession(clientId) is null ? null : [.. broker.SubscriptionsOf(clientId).Select(View)];

    /// <summary>A page of all subscriptions.</summary>
    /// <param name="text">What the filter holds, or null; capitals and small letters are alike.</param>
    /// <param name="cursor">Where it goes on.</param>
    /// <param name="limit">How many.</param>
    public Page<SubscriptionView> List(string? text, string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        var (session, number) = Position(cursor);
        var found = broker.SubscriptionsBehind(session, number)
            .Where(one => string.IsNullOrEmpty(text) || one.Filter.Contains(text, StringComparison.OrdinalIgnoreCase)).Take(most + 1).ToList();
        var page = Cursor.PageOf(found, most, one => Cursor.Of(one.Session.ToString(CultureInfo.InvariantCulture), one.Number.ToString(CultureInfo.InvariantCulture)));
        return new Page<SubscriptionView>([.. page.Items.Select(View)], page.NextCursor);
    }

    /// <summary>Who would get a message of a topic now.</summary>
    /// <exception cref="InvalidInputException">It is not a topic name.</exception>
    public TopicReceiversView ReceiversOf(string topic, string field = "match")
    {
        RequireTopic(topic, field);
        var found = broker.ReceiversOf(topic);
        return new TopicReceiversView(
            topic,
            [.. found.Receivers.Select(one => new ReceiverView(one.ClientIdentifier, one.IsConnected, (int)one.QoS, [.. one.Subscriptions.Select(View)]))],
            [.. found.Groups.Select(View)]);
    }

    /// <summary>A page of the shared subscriptions, by their filters.</summary>
    public Page<ShareGroupView> ShareGroups(string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        string? after = Cursor.Parts(cursor, 1)?[0];
        var groups = broker.ShareGroups.Where(group => after is null || string.CompareOrdinal(group.Filter, after) > 0)
            .OrderBy(group => group.Filter, StringComparer.Ordinal).Take(most + 1).Select(View).ToList();
        return Cursor.PageOf(groups, most, group => Cursor.Of(group.Filter));
    }

    /// <summary>Checks a topic name.</summary>
    /// <exception cref="InvalidInputException">It is not one.</exception>
    internal static void RequireTopic(string topic, string field)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        if (!TopicName.IsValid(name) || topic.Contains('\0', StringComparison.Ordinal)) throw new InvalidInputException(field, "a topic name has one character at least and no wildcard");
        if (name.Length > LongestTopic) throw new InvalidInputException(field, $"a topic name has at most {LongestTopic} bytes");
    }

    /// <summary>Checks a topic filter.</summary>
    /// <exception cref="InvalidInputException">It is not one.</exception>
    internal static void RequireFilter(string filter, string field)
    {
        if (!TopicFilter.TryParse(filter, out _, out string? error)) throw new InvalidInputException(field, error);
        if (Encoding.UTF8.GetByteCount(filter) > LongestTopic) throw new InvalidInputException(field, $"a topic filter has at most {LongestTopic} bytes");
    }

    private static (long Session, int Number) Position(string? cursor)
    {
        if (Cursor.Parts(cursor, 2) is not { } parts) return (0, 0);
        return long.TryParse(parts[0], out long session) && int.TryParse(parts[1], out int number) ? (session, number)
            : throw new InvalidInputException("cursor", "it is not a cursor that this list gave out");
    }

    private static SubscriptionView View(SubscriptionState one) => new(
        one.ClientIdentifier, one.Filter, one.ShareName, (int)one.Options.QoS, one.Options.NoLocal, one.Options.RetainAsPublished, one.Options.RetainHandling,
        one.Identifier == 0 ? null : one.Identifier, one.IsConnected);

    private static ShareGroupView View(ShareGroupState group) => new(group.Filter, group.ShareName, [.. group.Members.Select(View)]);
}
