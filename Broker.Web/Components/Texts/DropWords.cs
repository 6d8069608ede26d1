namespace Broker.Web.Components.Texts;

/// <summary>Why messages were dropped, in words for a tile.</summary>
internal static class DropWords
{
    private static readonly Dictionary<string, string> Words = new()
    {
        ["slowreader"] = "slow readers",
        ["queuefull"] = "full queues",
        ["expired"] = "expired",
        ["packettoolarge"] = "too large",
        ["retainedlimit"] = "retained limit",
        ["notauthorized"] = "not allowed",
    };

    /// <summary>One reason.</summary>
    public static string Of(string reason) => Words.GetValueOrDefault(reason, reason);

    /// <summary>The most frequent reason.</summary>
    public static string MostOf(IReadOnlyList<(string Reason, long Count)> dropped)
    {
        var (reason, count) = dropped.OrderByDescending(one => one.Count).FirstOrDefault();
        return count == 0 ? "nothing lost" : $"mostly {Of(reason)}";
    }
}
