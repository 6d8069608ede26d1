using System.Globalization;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Web.Persistence.History.Model;

namespace Broker.Web.Persistence.History;

/// <summary>Turns what the broker told into rows.</summary>
internal static class HistoryRows
{
    private const int LongestText = 1_000;

    /// <summary>A client's state.</summary>
    public static ClientPresenceRow Presence(PresenceChange change)
    {
        var row = Presence(change.Client);
        if (change.End is not { } end) return row;
        row.DisconnectedAt = change.At;
        (row.EndedBy, row.ReasonCode, row.Reason) = (By(end.By), (short)end.Reason, Shorten(end.Why));
        return row;
    }

    /// <summary>A client that is connected.</summary>
    public static ClientPresenceRow Presence(ConnectedClient client) => new()
    {
        ClientKey = ClientKey.Of(client.ClientIdentifier),
        ClientIdentifier = client.ClientIdentifier,
        UserName = client.UserName,
        Address = client.Address,
        Listener = client.Listener,
        Protocol = Protocol(client.Version),
        ConnectedAt = client.ConnectedAt.UtcDateTime,
        PacketsReceived = client.Traffic.PacketsReceived,
        PacketsSent = client.Traffic.PacketsSent,
        PublishReceived = client.Traffic.PublishReceived,
        PublishSent = client.Traffic.PublishSent,
        BytesReceived = client.Traffic.BytesReceived,
        BytesSent = client.Traffic.BytesSent,
    };

    /// <summary>Something that happened.</summary>
    public static ClientEventRow Event(long id, DateTime at, ClientEvent happened)
    {
        var row = new ClientEventRow { Id = id, At = at, ClientKey = ClientKey.Of(happened.ClientIdentifier), ClientIdentifier = happened.ClientIdentifier, Kind = Kind(happened) };
        switch (happened)
        {
            case ClientConnected { Client: var client }:
                (row.Address, row.Detail) = (client.Address, $"by {client.Listener}, MQTT {Protocol(client.Version)}{(client.UserName is { } user ? $", user {Shorten(user)}" : "")}");
                break;
            case ClientDisconnected end:
                (row.Address, row.EndedBy, row.ReasonCode, row.Detail) = (end.Client.Address, By(end.By), (short)end.Reason, Shorten(end.Why));
                break;
            case ClientRefused refused:
                (row.Address, row.EndedBy, row.ReasonCode, row.Detail) = (refused.Address, By(EndedBy.Server), (short)refused.Reason, Shorten(refused.Why));
                break;
            case SessionTakenOver taken:
                (row.Address, row.Detail) = (taken.ByAddress, $"by a connection from {taken.ByAddress ?? "elsewhere"}");
                break;
            case SessionEnded ended:
                row.Detail = Shorten(ended.Why);
                break;
            case Subscribed subscribed:
                row.Detail = $"{Shorten(subscribed.Filter)} at QoS {(int)subscribed.QoS}";
                break;
            case SubscriptionRevoked revoked:
                row.Detail = $"{Shorten(revoked.Filter)} by {Shorten(revoked.Rule)}";
                break;
            case SubscriptionLowered lowered:
                row.Detail = $"{Shorten(lowered.Filter)} at QoS {(int)lowered.QoS} by {Shorten(lowered.Rule)}";
                break;
            case AccessDenied denied:
                (row.ReasonCode, row.Detail) = ((short)ReasonCode.NotAuthorized, $"{denied.Action} {Shorten(denied.Topic)} by {Shorten(denied.Rule)}");
                break;
            case Unsubscribed unsubscribed:
                row.Detail = Shorten(unsubscribed.Filter);
                break;
            case EventsLeftOut left:
                (row.Count, row.Detail) = (left.Count, string.Create(CultureInfo.InvariantCulture, $"{left.Count} events left out: more happened than is written"));
                break;
        }
        return row;
    }

    /// <summary>Messages of a client that were dropped.</summary>
    public static ClientEventRow Dropped(long id, DateTime at, string clientIdentifier, DropReason reason, long count) => new()
    {
        Id = id,
        At = at,
        ClientKey = ClientKey.Of(clientIdentifier),
        ClientIdentifier = clientIdentifier,
        Kind = EventKind.Dropped,
        Count = count,
        Detail = Reason(reason),
    };

    /// <summary>The protocol version as people write it.</summary>
    public static string Protocol(ProtocolVersion version) => version switch
    {
        ProtocolVersion.V31 => "3.1",
        ProtocolVersion.V311 => "3.1.1",
        _ => "5",
    };

    private static string Kind(ClientEvent happened) => happened switch
    {
        ClientConnected => EventKind.Connected,
        ClientDisconnected => EventKind.Disconnected,
        ClientRefused => EventKind.Refused,
        SessionTakenOver => EventKind.TakenOver,
        SessionExpired => EventKind.SessionExpired,
        SessionEnded => EventKind.SessionEnded,
        Subscribed => EventKind.Subscribed,
        Unsubscribed => EventKind.Unsubscribed,
        SubscriptionRevoked => EventKind.Revoked,
        SubscriptionLowered => EventKind.Lowered,
        AccessDenied => EventKind.Denied,
        EventsLeftOut => EventKind.LeftOut,
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, null),
    };

    // As below $SYS/broker/publish/messages/dropped.
    private static string Reason(DropReason reason) => reason.ToString().ToLowerInvariant();

    private static string By(EndedBy by) => by.ToString().ToLowerInvariant();

    private static string Shorten(string text) => text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText), "…");
}
