namespace Broker.Web.Configuration;

/// <summary>Finds two listeners that were given the same address.</summary>
internal static class DuplicateAddresses
{
    /// <summary>Adds an error for every address that an earlier key has already; a port that the system chooses is never the same.</summary>
    public static void Check(SettingsReader reader, HostSettings settings)
    {
        var taken = new Dictionary<(string, int), string>();
        var all = settings.Listeners.Select(listener => (listener.Key, listener.Url.Host, listener.Url.Port))
            .Concat(settings.Http.Select(endpoint => (endpoint.Key, endpoint.Host, endpoint.Port)));
        foreach (var (key, host, port) in all)
        {
            if (port == 0 || taken.TryAdd((host.ToLowerInvariant(), port), key)) continue;
            reader.Fail(key, $"{taken[(host.ToLowerInvariant(), port)]} has the same address", "Give it another port, or remove one of the two");
        }
    }
}
