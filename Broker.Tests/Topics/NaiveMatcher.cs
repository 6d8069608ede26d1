namespace Broker.Tests.Topics;

/// <summary>Topic matching written down as the standard words it (MQTT 5, section 4.7), level by level and without any tree; and random topics to try it on.</summary>
internal static class NaiveMatcher
{
    private static readonly string[] Levels = ["", "a", "b", "c", "$SYS", "$", "ä", "a b"];

    /// <summary>Whether a filter, without its share, matches a topic.</summary>
    public static bool Matches(string filter, string topic)
    {
        string[] wanted = filter.Split('/'), levels = topic.Split('/');
        if (topic.StartsWith('$') && wanted[0] is "+" or "#") return false; // [MQTT-4.7.2-1]
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == "#") return true;
            if (i >= levels.Length || (wanted[i] != "+" && wanted[i] != levels[i])) return false;
            if (i == levels.Length - 1 && wanted.Length == i + 2 && wanted[i + 1] == "#") return true; // a/# matches a
        }
        return wanted.Length == levels.Length;
    }

    public static string RandomTopic(Random random) =>
        NotEmpty(string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Levels[random.Next(Levels.Length)])));

    public static string RandomFilter(Random random)
    {
        string[] levels = RandomTopic(random).Split('/');
        for (int i = 0; i < levels.Length; i++)
            if (random.Next(4) == 0) levels[i] = "+";
        if (random.Next(4) == 0) levels[^1] = "#";
        return NotEmpty(string.Join('/', levels));
    }

    public static TopicFilterOf Shared(Random random) => new(random.Next(4) == 0 ? $"$share/g{random.Next(3)}/" : "", RandomFilter(random));

    private static string NotEmpty(string text) => text.Length == 0 ? "a" : text;
}

/// <summary>A filter with the share that stands before it, if any.</summary>
internal readonly record struct TopicFilterOf(string Share, string Filter)
{
    public string Text => Share + Filter;

    public string? ShareName => Share.Length == 0 ? null : Share.Split('/')[1];
}
