using System.Diagnostics.CodeAnalysis;
using System.Text;
using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>Whom a rule concerns.</summary>
public enum AccessSubject
{
    /// <summary>Every client.</summary>
    Anyone,

    /// <summary>Clients without a user name.</summary>
    Anonymous,

    /// <summary>The clients of one user.</summary>
    User,

    /// <summary>The clients of the users of a group.</summary>
    Group,

    /// <summary>The client with one client identifier.</summary>
    Client,
}

/// <summary>What a rule concerns.</summary>
[Flags]
public enum AccessAction
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Publishing, wills included.</summary>
    Publish = 1,

    /// <summary>Subscribing, and every delivery.</summary>
    Subscribe = 2,

    /// <summary>Both.</summary>
    Both = Publish | Subscribe,
}

/// <summary>Where a rule comes from, in the order in which they are asked.</summary>
public enum AccessOrigin
{
    /// <summary>It came with what the client has proven, such as a token.</summary>
    Client,

    /// <summary>It stands in the list of rules.</summary>
    List,

    /// <summary>It is built in: topics that begin with <c>$</c> are the broker's own.</summary>
    BuiltIn,

    /// <summary>It is the last row.</summary>
    Default,
}

/// <summary>One rule of access. The first that concerns a client, an action and a topic decides.</summary>
public sealed record AccessRule
{
    /// <summary>Stands for the client's user name in <see cref="Filter"/>.</summary>
    public const string UserPlaceholder = "%u";

    /// <summary>Stands for the client identifier in <see cref="Filter"/>.</summary>
    public const string ClientPlaceholder = "%c";

    /// <summary>Its number in the list; 0 where it stands in none.</summary>
    public long Id { get; init; }

    /// <summary>Whom it concerns.</summary>
    public AccessSubject Subject { get; init; }

    /// <summary>The user, group or client identifier; empty for the other subjects.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it concerns.</summary>
    public AccessAction Action { get; init; } = AccessAction.Both;

    /// <summary>The topic filter, perhaps with placeholders, without <c>$share/name/</c>.</summary>
    public required string Filter { get; init; }

    /// <summary>Whether it allows or denies.</summary>
    public bool Allows { get; init; }

    /// <summary>The highest QoS that it allows: a publish above it is denied, a subscription granted no more.</summary>
    public QualityOfService MaximumQoS { get; init; } = QualityOfService.ExactlyOnce;

    /// <summary>Whether it allows to publish with RETAIN.</summary>
    public bool MayRetain { get; init; } = true;

    /// <summary>Where it comes from.</summary>
    public AccessOrigin Origin { get; init; } = AccessOrigin.List;

    /// <summary>Whether somebody has made it, rather than that it holds where no rule does.</summary>
    public bool IsMade => Origin is AccessOrigin.List or AccessOrigin.Client;

    /// <summary>Whether a filter can stand in a rule.</summary>
    /// <param name="filter">The filter with its placeholders.</param>
    /// <param name="error">What is wrong, if it cannot.</param>
    public static bool IsValid(string filter, [NotNullWhen(false)] out string? error)
    {
        if (filter.StartsWith("$share/", StringComparison.Ordinal))
        {
            error = "write the filter without $share/name/: a shared subscription is checked as the filter that it shares";
            return false;
        }
        return TopicFilter.TryParse(Placeholders.Fill(filter, "x", "x"), out _, out error);
    }

    /// <summary>The rule in words, such as <c>rule 12: deny user anna to publish to a/#</c>.</summary>
    public override string ToString()
    {
        if (Origin == AccessOrigin.Default) return $"the default: {(Allows ? "allow" : "deny")}";
        return (Origin switch { AccessOrigin.List => Id == 0 ? "the new rule: " : $"rule {Id}: ", AccessOrigin.Client => "its own rule: ", _ => "built in: " }) + Words;
    }

    /// <summary>What it says, without where it stands: <c>deny user anna to publish to a/#</c>.</summary>
    public string Words
    {
        get
        {
            var words = new StringBuilder();
            words.Append(Allows ? "allow " : "deny ").Append(Subject switch
            {
                AccessSubject.Anyone => "anyone",
                AccessSubject.Anonymous => "anonymous clients",
                AccessSubject.User => "user " + Name,
                AccessSubject.Group => "group " + Name,
                _ => "client " + Name,
            });
            words.Append(Action switch { AccessAction.Publish => " to publish to ", AccessAction.Subscribe => " to subscribe to ", _ => " to publish and subscribe to " }).Append(Filter);
            if (Allows && MaximumQoS < QualityOfService.ExactlyOnce) words.Append(", at most QoS ").Append((int)MaximumQoS);
            if (Allows && !MayRetain) words.Append(", without RETAIN");
            return words.ToString();
        }
    }
}
