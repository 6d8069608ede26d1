namespace Broker.Web.Components.Texts;

/// <summary>The figures below <c>$SYS</c>, in order for a reader.</summary>
internal static class SystemTopicWords
{
    private const string Root = "$SYS/broker/";

    /// <summary>A figure's name without what all begin with.</summary>
    public static string Short(string topic) => topic.StartsWith(Root, StringComparison.Ordinal) ? topic[Root.Length..] : topic;

    /// <summary>The first level of a figure's name, by which figures are grouped.</summary>
    public static string Group(string topic) => Short(topic) is var name && name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? name[..slash] : name;

    /// <summary>A value: whole where it is whole.</summary>
    public static string Value(double value) => value.ToString(value == Math.Floor(value) ? "N0" : "N2", null);

    /// <summary>Whether a figure only ever grows, so that its history is told as what came per second.</summary>
    public static bool IsCounter(string topic) => Short(topic) is var name && !name.StartsWith("load/", StringComparison.Ordinal) && name is not ("clients/maximum" or "uptime")
        && (name.StartsWith("publish/", StringComparison.Ordinal) || name.StartsWith("bytes/", StringComparison.Ordinal) || name is "messages/received" or "messages/sent"
            or "takeovers/count" or "auth/failures" or "acl/denied" or "clients/expired");
}
