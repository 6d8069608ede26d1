using System.Net;
using System.Text;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;

namespace Broker.Web.Security.Access;

/// <summary>What somebody wants to know about rules.</summary>
/// <param name="ClientId">The client identifier.</param>
/// <param name="Action"><c>publish</c> or <c>subscribe</c>.</param>
/// <param name="Topic">The topic to publish to, or the filter to subscribe to.</param>
public sealed record AccessAsked(string ClientId, string Action, string Topic)
{
    /// <summary>The user; null for whoever has the client's session, or for nobody if there is none.</summary>
    public string? UserName { get; init; }

    /// <summary>Whether an anonymous client is meant, whoever has the session.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>The QoS to publish with.</summary>
    public int QoS { get; init; }

    /// <summary>Whether it would publish with RETAIN.</summary>
    public bool Retain { get; init; }

    /// <summary>Where it would connect from: an IP address, perhaps with a port.</summary>
    public string? Address { get; init; }

    /// <summary>Whether that is this machine; null to tell it by the address.</summary>
    public bool? IsLocal { get; init; }
}

/// <summary>Answers by which rule something is allowed or denied, by the same walk over the rules that enforces them.</summary>
internal sealed class AccessQuestions(MqttBroker broker)
{
    /// <summary>The answer by the rules that hold now.</summary>
    /// <exception cref="RefusedException">Something in the question is not allowed.</exception>
    public ExplainAnswer Answer(AccessAsked asked) => ExplainAnswer.Of(Explain(broker.Policy, asked, broker.IdentityOf(asked.ClientId)));

    /// <summary>The answer by some rules.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="asked">The question.</param>
    /// <param name="known">Who has the session of this client identifier, or null.</param>
    /// <exception cref="RefusedException">Something in the question is not allowed.</exception>
    public static AccessExplanation Explain(AccessPolicy policy, AccessAsked asked, ClientIdentity? known)
    {
        var action = AccessWords.Action(asked.Action);
        if (action == AccessAction.Both) throw Refused("action", "ask for publish or for subscribe");
        if (asked.QoS is < 0 or > 2) throw Refused("qos", "allowed is 0, 1 or 2");
        if (asked.IsAnonymous && asked.UserName is not null) throw Refused("anonymous", "an anonymous client has no user name");
        if (action == AccessAction.Publish && !TopicName.IsValid(Encoding.UTF8.GetBytes(asked.Topic))) throw Refused("topic", "a topic to publish to has one character at least, and no wildcards");
        if (action == AccessAction.Subscribe && !TopicFilter.TryParse(asked.Topic, out _, out string? error)) throw Refused("topic", error);
        var client = Identity(asked, known);
        return policy.RulesOf(client).Explain(new AccessQuestion(client, action, asked.Topic) { QoS = (QualityOfService)asked.QoS, Retain = asked.Retain });
    }

    // Rules that a client brought with it belong to it alone, not to another user of the same client identifier.
    private static ClientIdentity Identity(AccessAsked asked, ClientIdentity? known)
    {
        IPEndPoint? address = null;
        if (asked.Address is { Length: > 0 } text && !TryReadAddress(text, out address)) throw Refused("address", "allowed is an IP address, perhaps with a port");
        bool isKnown = known is not null && !asked.IsAnonymous && (asked.UserName is null || asked.UserName == known.UserName);
        var client = isKnown && address is null ? known! : new ClientIdentity(asked.ClientId, isKnown ? known!.UserName : asked.UserName, address) { Rules = isKnown ? known!.Rules : [] };
        return asked.IsLocal is { } local ? client with { IsLocal = local } : client;
    }

    private static bool TryReadAddress(string text, out IPEndPoint? address)
    {
        address = IPAddress.TryParse(text, out var alone) ? new IPEndPoint(alone, 0) : IPEndPoint.TryParse(text, out var whole) ? whole : null;
        return address is not null;
    }

    private static RefusedException Refused(string field, string problem) => new(RefusalKind.Invalid, field, problem);
}
