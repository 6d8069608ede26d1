using System.Globalization;
using System.Text.RegularExpressions;
using Broker.Core.Protocol;
using Broker.Web.Persistence.History.Model;

namespace Broker.Web.Operations.Clients;

/// <summary>What happened to a client, in plain words.</summary>
internal static partial class EventWords
{
    private static readonly Dictionary<string, string> Drops = new()
    {
        ["slowreader"] = "it does not read fast enough",
        ["queuefull"] = "its queue is full",
        ["expired"] = "they expired while they waited",
        ["packettoolarge"] = "they are larger than it accepts",
        ["retainedlimit"] = "there are as many retained messages as allowed",
        ["notauthorized"] = "it may not publish there",
    };

    /// <summary>An event with its words.</summary>
    public static TimelineEvent Of(ClientEventRow row) => new()
    {
        Id = row.Id,
        At = row.At,
        ClientId = row.ClientIdentifier,
        Kind = row.Kind,
        Text = Words(row),
        EndedBy = row.EndedBy,
        ReasonCode = row.ReasonCode,
        Address = row.Address,
        Detail = row.Detail,
        Count = row.Count,
    };

    /// <summary>A reason code by its number and the standard's name: <c>0x8D Keep Alive Timeout</c>.</summary>
    public static string Reason(int code) =>
        Enum.IsDefined((ReasonCode)code) ? $"0x{code:X2} {WordStart().Replace(((ReasonCode)code).ToString(), " $0")}" : $"0x{code:X2}";

    private static string Words(ClientEventRow row) => row.Kind switch
    {
        EventKind.Connected => $"Connected{From(row)}{(row.Detail is null ? "" : " " + row.Detail)}",
        EventKind.Disconnected => $"Disconnected {By(row.EndedBy)}{Because(row)}",
        EventKind.Refused => $"Refused{From(row)}{Because(row)}",
        EventKind.TakenOver => $"Taken over {row.Detail}",
        EventKind.Subscribed => $"Subscribed to {row.Detail}",
        EventKind.Unsubscribed => $"Unsubscribed from {row.Detail}",
        EventKind.Revoked => $"Subscription ended: {row.Detail}",
        EventKind.Lowered => $"Subscription goes on: {row.Detail}",
        EventKind.Denied => $"Denied to {row.Detail}",
        EventKind.SessionExpired => "The session expired",
        EventKind.SessionEnded => $"The session was ended: {row.Detail}",
        EventKind.Dropped => string.Create(
            CultureInfo.InvariantCulture, $"{row.Count:N0} {(row.Count == 1 ? "message was" : "messages were")} dropped: {Drops.GetValueOrDefault(row.Detail ?? "", row.Detail ?? "")}"),
        _ => row.Detail ?? row.Kind,
    };

    private static string From(ClientEventRow row) => row.Address is null ? "" : $" from {row.Address}";

    private static string By(string? by) => by switch
    {
        "client" => "by the client",
        "server" => "by the broker",
        _ => "as the connection broke off",
    };

    private static string Because(ClientEventRow row) =>
        $"{(row.Detail is null ? "" : ": " + row.Detail)}{(row.ReasonCode is { } code && row.EndedBy != "network" ? $" ({Reason(code)})" : "")}";

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex WordStart();
}
