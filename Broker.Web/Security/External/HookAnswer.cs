using System.Globalization;
using System.Text.Json;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Components.Texts;
using Broker.Web.Security.Users;

namespace Broker.Web.Security.External;

/// <summary>What the hook answers: <c>{"result": "allow", "userName": …, "rules": […], "expiresAt": …}</c>, <c>{"result": "deny", "reason": …}</c> or <c>{"result": "ignore"}</c>.</summary>
internal static class HookAnswer
{
    private static readonly string[] Members = ["result", "userName", "rules", "expiresAt", "reason"];

    /// <summary>Reads an answer.</summary>
    /// <returns>The admission; null where it leaves the client to the next.</returns>
    /// <exception cref="FormatException">It is none: the message says why.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static Admission? Read(ReadOnlyMemory<byte> body, Core.Access.Credentials credentials)
    {
        using var json = JsonDocument.Parse(body, ClaimedRules.Strict);
        var answer = json.RootElement;
        if (answer.ValueKind != JsonValueKind.Object) throw new FormatException("it is no object");
        foreach (var member in answer.EnumerateObject())
            if (!Members.Contains(member.Name)) throw new FormatException($"'{Shown.Of(member.Name)}' is unknown");
        return Text(answer, "result") switch
        {
            "allow" => Allow(answer, credentials),
            "deny" => Admission.Refused(ReasonCode.BadUserNameOrPassword, $"the hook denies it{(Text(answer, "reason") is { } reason ? ": " + Shown.Of(reason) : "")}"),
            "ignore" => null,
            _ => throw new FormatException("its result is not allow, deny or ignore"),
        };
    }

    private static Admission Allow(JsonElement answer, Core.Access.Credentials credentials)
    {
        string? name = Text(answer, "userName") ?? credentials.CertifiedUserName ?? credentials.UserName;
        if (name is "") name = null;
        if (name is not null && !UserNames.IsPossible(name)) throw new FormatException("a user name has 1 to 256 characters, none of them a control character");
        IReadOnlyList<AccessRule>? rules = [];
        if (Given(answer, "rules") is { } list && !ClaimedRules.TryRead(list, out rules, out string? fault)) throw new FormatException(fault);
        return Admission.Of(name) with { Rules = rules, Until = Until(answer) };
    }

    private static DateTimeOffset? Until(JsonElement answer)
    {
        if (Text(answer, "expiresAt") is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) && until.Year is > 1970 and < 9000
            ? until
            : throw new FormatException("expiresAt is no time such as 2030-01-31T12:00:00Z");
    }

    private static string? Text(JsonElement answer, string name) =>
        Given(answer, name) is not { } value ? null : ClaimedRules.Text(value) ?? throw new FormatException($"'{name}' is no text");

    private static JsonElement? Given(JsonElement answer, string name) => answer.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
