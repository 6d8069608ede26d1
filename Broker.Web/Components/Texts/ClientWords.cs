using Broker.Web.Operations.Clients;

namespace Broker.Web.Components.Texts;

/// <summary>Where clients stand, in words and colours.</summary>
internal static class ClientWords
{
    /// <summary>The word for a table.</summary>
    public static string Of(ClientState state) => state switch
    {
        ClientState.Connected => "Connected",
        ClientState.Offline => "Away",
        _ => "Gone",
    };

    /// <summary>What that means.</summary>
    public static string Meaning(ClientState state) => state switch
    {
        ClientState.Connected => "Connected",
        ClientState.Offline => "Away, session kept",
        _ => "Gone, no session",
    };

    /// <summary>The class of its dot.</summary>
    public static string Colour(ClientState state) => state switch
    {
        ClientState.Connected => "state good",
        ClientState.Offline => "state warn",
        _ => "state",
    };

    /// <summary>The class of an event's dot.</summary>
    public static string Colour(TimelineEvent happened) => happened.Kind switch
    {
        "connected" => "state good",
        "refused" or "dropped" or "left_out" or "denied" or "revoked" => "state bad",
        "taken_over" or "session_expired" => "state warn",
        "disconnected" => happened.EndedBy == "client" ? "state" : "state warn",
        _ => "state",
    };
}
