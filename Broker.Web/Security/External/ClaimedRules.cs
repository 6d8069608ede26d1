using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Components.Texts;

namespace Broker.Web.Security.External;

/// <summary>
/// Rules that a token or a hook brings for a client, as <c>{"permission": "allow", "action": "publish", "topic": "a/#", "qos": 1, "retain": false}</c>.
/// Whatever is not understood is an error: to pass over it could grant more than was meant.
/// </summary>
internal static class ClaimedRules
{
    private const int MostRules = 1_000;

    /// <summary>How JSON from outside is read: no name twice, nothing deep.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Reads an array of rules.</summary>
    /// <param name="json">The array.</param>
    /// <param name="rules">The rules in their order.</param>
    /// <param name="error">What is wrong, if they cannot be read.</param>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out IReadOnlyList<AccessRule>? rules, [NotNullWhen(false)] out string? error)
    {
        rules = null;
        error = json.ValueKind != JsonValueKind.Array ? "the rules are no array" : json.GetArrayLength() > MostRules ? $"there are more than {MostRules} rules" : null;
        if (error is not null) return false;
        var read = new List<AccessRule>(json.GetArrayLength());
        foreach (var element in json.EnumerateArray())
        {
            if (Read(element, out string fault) is not { } rule)
            {
                error = $"rule {read.Count + 1}: {fault}";
                return false;
            }
            read.Add(rule);
        }
        rules = read;
        return true;
    }

    private static AccessRule? Read(JsonElement json, out string fault)
    {
        fault = "it is no object";
        if (json.ValueKind != JsonValueKind.Object) return null;
        bool? allows = null;
        var action = AccessAction.None;
        string? topic = null;
        int? qos = null;
        bool? retain = null;
        foreach (var member in json.EnumerateObject())
        {
            bool isRead = member.Name switch
            {
                "permission" => (allows = Permission(member.Value)) is not null,
                "action" => (action = Action(member.Value)) != AccessAction.None,
                "topic" => (topic = Text(member.Value)) is not null,
                "qos" => (qos = QoS(member.Value)) is not null,
                "retain" => (retain = Flag(member.Value)) is not null,
                _ => false,
            };
            if (isRead) continue;
            fault = $"'{Shown.Of(member.Name)}' is unknown or has a wrong value";
            return null;
        }
        if (Fault(allows, action, topic, limited: qos is not null || retain is not null) is { } wrong)
        {
            fault = wrong;
            return null;
        }
        return new AccessRule
        {
            Allows = allows!.Value,
            Action = action,
            Filter = topic!,
            MaximumQoS = (QualityOfService)(qos ?? 2),
            MayRetain = retain ?? true,
            Origin = AccessOrigin.Client,
        };
    }

    private static string? Fault(bool? allows, AccessAction action, string? topic, bool limited)
    {
        if (allows is null) return "it has no permission, allow or deny";
        if (action == AccessAction.None) return "it has no action, publish, subscribe or all";
        if (topic is null) return "it has no topic";
        if (limited && !allows.Value) return "qos and retain limit what a rule allows, and this one denies";
        return AccessRule.IsValid(topic, out string? error) ? null : $"its topic '{Shown.Of(topic)}' is no filter: {error}";
    }

    private static bool? Permission(JsonElement value) => Text(value) switch { "allow" => true, "deny" => false, _ => null };

    private static AccessAction Action(JsonElement value) => Text(value) switch
    {
        "publish" => AccessAction.Publish,
        "subscribe" => AccessAction.Subscribe,
        "all" => AccessAction.Both,
        _ => AccessAction.None,
    };

    private static int? QoS(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int qos) && qos is >= 0 and <= 2 ? qos : null;

    private static bool? Flag(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    /// <summary>A string, or null if it is something else or no text that UTF-8 can say.</summary>
    public static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // half a character
        }
    }
}
