using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Tests.Topics;

/// <summary>The subscriptions of a <see cref="TopicTree{TSubscriber}"/> in a plain list, changed at random together with the tree.</summary>
internal sealed class SubscriptionModel
{
    private readonly Client[] clients = [.. Enumerable.Range(0, 8).Select(i => new Client($"c{i}"))];
    private readonly Dictionary<(Client Client, TopicFilterOf Filter), Subscription<Client>> subscriptions = [];

    public int Count => subscriptions.Count;

    /// <summary>Adds, replaces or removes one subscription.</summary>
    public void Change(TopicTree<Client> tree, Random random, bool growing)
    {
        bool remove = subscriptions.Count > 0 && random.Next(10) < (growing ? 3 : 7);
        if (remove)
        {
            var (key, subscription) = subscriptions.ElementAt(random.Next(subscriptions.Count));
            tree.Remove(subscription);
            subscriptions.Remove(key);
            return;
        }
        var added = (clients[random.Next(clients.Length)], NaiveMatcher.Shared(random));
        var fresh = new Subscription<Client>(
            added.Item1,
            TopicFilter.Parse(added.Item2.Text),
            new SubscriptionOptions((QualityOfService)random.Next(3), added.Item2.ShareName is null && random.Next(3) == 0, random.Next(2) == 0),
            (uint)random.Next(3));
        if (subscriptions.TryGetValue(added, out var old)) tree.Replace(old, fresh);
        else tree.Add(fresh);
        subscriptions[added] = fresh;
    }

    public void RemoveAll(TopicTree<Client> tree)
    {
        foreach (var subscription in subscriptions.Values) tree.Remove(subscription);
        subscriptions.Clear();
    }

    /// <summary>What should be found for a topic, in words.</summary>
    public string Text(string topic)
    {
        var matching = subscriptions.Where(pair => NaiveMatcher.Matches(pair.Key.Filter.Filter, topic)).ToArray();
        var lines = matching.Where(pair => pair.Key.Filter.ShareName is null).GroupBy(pair => pair.Key.Client)
            .Select(group => Line(group.Key, [.. group.Select(pair => pair.Value)]));
        var groups = matching.Where(pair => pair.Key.Filter.ShareName is not null).GroupBy(pair => pair.Key.Filter)
            .Select(group => Line(group.Key.ShareName!, group.Select(pair => pair.Value)));
        return Join(lines, groups);
    }

    /// <summary>What was found, in the same words.</summary>
    public static string Text(Matches<Client> matches) => Join(
        matches.Subscribers.Select(match => Line(match.Subscriber, match)),
        matches.Groups.Select(group => Line(group.Name, Members(group))));

    private static string Line(Client client, Subscription<Client>[] own)
    {
        var foreign = Array.FindAll(own, subscription => !subscription.Options.NoLocal);
        string all = Summary(own);
        string local = foreign.Length == 0 ? "nothing" : foreign.Length == own.Length ? all : Summary(foreign);
        return $"{client.Name} gets {all}; of its own {local}";
    }

    private static string Line(Client client, Match<Client> match)
    {
        string all = Summary(match);
        return $"{client.Name} gets {all}; of its own {(match.NoLocal ? "nothing" : match.Local is [var local] ? Summary(local) : all)}";
    }

    private static string Line(string share, IEnumerable<Subscription<Client>> members) =>
        $"{share} with {string.Join(", ", members.Select(member => $"{member.Subscriber.Name} {member.Options.QoS} {member.Identifier}").Order(StringComparer.Ordinal))}";

    private static string Summary(Match<Client> match) => $"{match.QoS} {match.RetainAsPublished} {Identifiers(match.Identifiers)}";

    private static string Summary(Subscription<Client>[] own) =>
        $"{own.Max(subscription => subscription.Options.QoS)} {own.Any(subscription => subscription.Options.RetainAsPublished)} "
        + Identifiers(own.Select(subscription => subscription.Identifier).Where(identifier => identifier > 0));

    private static string Identifiers(IEnumerable<uint> identifiers) => string.Join('+', identifiers.Order());

    private static List<Subscription<Client>> Members(ShareGroup<Client> group)
    {
        var members = new List<Subscription<Client>>();
        foreach (var member in group.Members.Items)
            if (member is not null) members.Add(member);
        return members;
    }

    private static string Join(IEnumerable<string> lines, IEnumerable<string> groups) =>
        string.Join('\n', lines.Concat(groups).Order(StringComparer.Ordinal));
}
