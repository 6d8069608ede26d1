using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Topics;

namespace Broker.Tests.Access;

/// <summary>The rules of access written down once more, as plainly as they can be said: texts and loops, no parsed filter and nothing kept.</summary>
internal static class ReferenceAccess
{
    /// <summary>What decides, and whether it allows.</summary>
    public static (bool Allows, long Rule) Publish(IReadOnlyList<AccessRule> rules, bool byDefault, IReadOnlyDictionary<string, string[]> groups, ClientIdentity client, string topic, int qos, bool retain)
    {
        foreach (var rule in rules.Where(rule => Concerns(rule, AccessAction.Publish, groups, client)))
        {
            if (!Matches(rule, client, topic)) continue;
            return (rule.Allows && CanFill(rule, client) && qos <= (int)rule.MaximumQoS && (rule.MayRetain || !retain), rule.Id);
        }
        if (topic.StartsWith('$')) return (NaiveMatcher.Matches("$SYS/broker/connection/+/state", topic), 0);
        return (byDefault, 0);
    }

    /// <summary>Whether a message on a topic may reach the client.</summary>
    public static bool MayReceive(IReadOnlyList<AccessRule> rules, bool byDefault, IReadOnlyDictionary<string, string[]> groups, ClientIdentity client, string topic)
    {
        foreach (var rule in rules.Where(rule => Concerns(rule, AccessAction.Subscribe, groups, client)))
            if (Matches(rule, client, topic)) return rule.Allows && CanFill(rule, client);
        return NaiveMatcher.Matches("$SYS/#", topic) ? client.IsLocal : byDefault;
    }

    private static bool Concerns(AccessRule rule, AccessAction action, IReadOnlyDictionary<string, string[]> groups, ClientIdentity client) =>
        (rule.Action == action || rule.Action == AccessAction.Both) && rule.Subject switch
        {
            AccessSubject.Anyone => true,
            AccessSubject.Anonymous => client.UserName is null,
            AccessSubject.User => rule.Name == client.UserName,
            AccessSubject.Client => rule.Name == client.ClientIdentifier,
            _ => client.UserName is not null && groups.TryGetValue(client.UserName, out string[]? own) && own.Contains(rule.Name),
        };

    // One whose names cannot be filled in concerns whatever it could have concerned with any name.
    private static bool Matches(AccessRule rule, ClientIdentity client, string topic)
    {
        string filter = rule.Filter;
        if (CanFill(rule, client)) return NaiveMatcher.Matches(Filled(filter, client), topic);
        string[] levels = filter.Split('/');
        if (HasPlaceholder(levels[0])) return true;
        return NaiveMatcher.Matches(string.Join('/', levels.Select(level => HasPlaceholder(level) ? "+" : level)), topic);
    }

    private static string Filled(string filter, ClientIdentity client)
    {
        string text = "";
        for (int i = 0; i < filter.Length; i++)
        {
            if (filter[i] == '%' && i + 1 < filter.Length && filter[i + 1] is 'u' or 'c') text += filter[++i] == 'u' ? client.UserName : client.ClientIdentifier;
            else text += filter[i];
        }
        return text;
    }

    private static bool HasPlaceholder(string text) => text.Contains("%u", StringComparison.Ordinal) || text.Contains("%c", StringComparison.Ordinal);

    private static bool CanFill(AccessRule rule, ClientIdentity client) =>
        (!rule.Filter.Contains("%u", StringComparison.Ordinal) || IsPlain(client.UserName)) && (!rule.Filter.Contains("%c", StringComparison.Ordinal) || IsPlain(client.ClientIdentifier));

    private static bool IsPlain(string? name) => name is { Length: > 0 } && !name.Any(letter => letter is '/' or '+' or '#' or '$' || char.IsControl(letter));
}

/// <summary>Random rules, clients and topics, few words each so that they meet.</summary>
internal sealed class RandomAccess(Random random)
{
    private static readonly string?[] Users = [null, "anna", "bert", "", "+", "a/b", "$SYS", "%c"];
    private static readonly string[] Clients = ["anna", "c1", "c2", "#", "a\u0001", "%u"], Groups = ["ops", "lab"];

    public static IReadOnlyDictionary<string, string[]> Members { get; } = new Dictionary<string, string[]> { ["anna"] = ["ops", "lab"], ["bert"] = ["lab"], ["+"] = ["ops"] };

    public AccessRule Rule(int id)
    {
        var subject = (AccessSubject)random.Next(5);
        return new AccessRule
        {
            Id = id,
            Subject = subject,
            Name = subject switch { AccessSubject.User => Pick(Users) ?? "anna", AccessSubject.Group => Pick(Groups), AccessSubject.Client => Pick(Clients), _ => "" },
            Action = (AccessAction)random.Next(1, 4),
            Filter = Filter(),
            Allows = random.Next(2) == 0,
            MaximumQoS = (QualityOfService)random.Next(3),
            MayRetain = random.Next(2) == 0,
        };
    }

    public ClientIdentity Client() => new(Pick(Clients), Pick(Users), null) { IsLocal = random.Next(2) == 0 };

    public string Topic() => random.Next(6) switch { 0 => "$SYS/broker/connection/a/state", 1 => $"{Pick(Clients).Replace('#', 'b')}/a", 2 => $"a/{Pick(Clients).Replace('#', 'b')}", _ => NaiveMatcher.RandomTopic(random) };

    private string Filter() => random.Next(5) switch
    {
        0 => $"a/{(random.Next(2) == 0 ? "%u" : "%c")}",
        1 => $"{(random.Next(2) == 0 ? "%u" : "%c")}/#",
        2 => $"+/x%c/{(random.Next(2) == 0 ? "#" : "%u")}",
        _ => NaiveMatcher.RandomFilter(random),
    };

    private T Pick<T>(T[] of) => of[random.Next(of.Length)];
}
