using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Broker.Core.Access;

/// <summary>
/// All rules at one moment. Immutable: a change is another policy. Whoever holds <see cref="ClientRules"/> of one asks the next for new ones.
/// </summary>
public sealed class AccessPolicy
{
    private const int MostKept = 10_000;

    private static readonly AccessRule[] BuiltIn =
    [
        // A Mosquitto that bridges here tells its state, and leaves a will for it, and would not connect without.
        new() { Action = AccessAction.Publish, Filter = "$SYS/broker/connection/+/state", Allows = true, Origin = AccessOrigin.BuiltIn },
        new() { Action = AccessAction.Publish, Filter = ClientRules.Reserved, Origin = AccessOrigin.BuiltIn },
    ];

    private readonly AccessRule[] rules;
    private readonly FrozenDictionary<string, string[]> groups;
    private readonly ConcurrentDictionary<(string? User, bool IsLocal), ClientRules> shared = new();
    private readonly ConcurrentDictionary<(string? User, string Client), ClientRules> publishers = new();
    private readonly bool dependsOnClient;
    private readonly bool dependsOnUser;

    /// <summary>Puts a policy together.</summary>
    /// <param name="rules">The rules, in the order in which they are asked.</param>
    /// <param name="allowsByDefault">Whether what no rule concerns is allowed.</param>
    /// <param name="groups">The groups of the users that are in some.</param>
    public AccessPolicy(IReadOnlyList<AccessRule> rules, bool allowsByDefault, IReadOnlyDictionary<string, string[]>? groups = null)
    {
        this.rules = [.. rules];
        this.groups = groups?.ToFrozenDictionary(StringComparer.Ordinal) ?? FrozenDictionary<string, string[]>.Empty;
        Default = new AccessRule { Filter = "#", Allows = allowsByDefault, Origin = AccessOrigin.Default };
        dependsOnClient = rules.Any(rule => rule.Subject == AccessSubject.Client || rule.Filter.Contains(AccessRule.ClientPlaceholder, StringComparison.Ordinal));
        dependsOnUser = rules.Any(rule => rule.Subject is AccessSubject.User or AccessSubject.Group || rule.Filter.Contains(AccessRule.UserPlaceholder, StringComparison.Ordinal));
    }

    /// <summary>What holds without rules: everything is allowed but for topics that begin with $ (MQTT 5, section 4.7.2).</summary>
    public static AccessPolicy Open { get; } = new([], allowsByDefault: true);

    /// <summary>The rules, without those that are built in.</summary>
    public IReadOnlyList<AccessRule> Rules => rules;

    /// <summary>The last row.</summary>
    public AccessRule Default { get; }

    /// <summary>Whether there can be a publish that it denies, to a topic that does not begin with $.</summary>
    public bool CanDenyPublishing => !Default.Allows || Array.Exists(rules, rule => !rule.Allows && rule.Action.HasFlag(AccessAction.Publish));

    /// <summary>Why the rules cannot be read, and so everything is denied; null if they can.</summary>
    public string? Trouble { get; private init; }

    /// <summary>Denies everything, because the rules could not be read.</summary>
    public static AccessPolicy Unreadable(string why) => new([], allowsByDefault: false) { Trouble = why };

    /// <summary>What the policy says for one client.</summary>
    public ClientRules RulesOf(ClientIdentity client)
    {
        if (dependsOnClient || client.Rules.Count > 0) return Compile(client);
        string? user = client.UserName is null || dependsOnUser ? client.UserName : "";
        if (dependsOnUser && shared.Count >= MostKept) shared.Clear();
        return shared.GetOrAdd((user, client.IsLocal), static (_, of) => of.Policy.Compile(of.Client), (Policy: this, Client: client));
    }

    /// <summary>What the policy says for the publisher of a message that is kept.</summary>
    internal ClientRules RulesOfPublisher(string clientIdentifier, string? userName)
    {
        if (publishers.TryGetValue((userName, clientIdentifier), out var known)) return known;
        if (publishers.Count >= MostKept) publishers.Clear();
        return publishers[(userName, clientIdentifier)] = RulesOf(ClientIdentity.Stored(clientIdentifier, userName));
    }

    private ClientRules Compile(ClientIdentity client)
    {
        if (Trouble is not null) return new ClientRules(this, [CompiledRule.Everything(Default)]);
        var compiled = new List<CompiledRule>();
        foreach (var rule in client.Rules.Concat(rules))
            if (Concerns(rule, client)) compiled.Add(CompiledRule.Of(rule, client));
        foreach (var rule in BuiltIn) compiled.Add(CompiledRule.Of(rule, client));
        compiled.Add(CompiledRule.Of(new AccessRule { Action = AccessAction.Subscribe, Filter = "$SYS/#", Allows = client.IsLocal, Origin = AccessOrigin.BuiltIn }, client));
        compiled.Add(CompiledRule.Everything(Default));
        return new ClientRules(this, [.. compiled]);
    }

    private bool Concerns(AccessRule rule, ClientIdentity client) => rule.Subject switch
    {
        AccessSubject.Anyone => true,
        AccessSubject.Anonymous => client.UserName is null,
        AccessSubject.User => client.UserName == rule.Name,
        AccessSubject.Client => client.ClientIdentifier == rule.Name,
        _ => client.UserName is { } user && groups.TryGetValue(user, out string[]? own) && own.Contains(rule.Name),
    };
}
