using System.Globalization;
using Broker.Web.Security.External;

namespace Broker.Web.Configuration;

/// <summary>The keys below <c>Mqtt</c>, <c>Storage</c>, <c>Admin</c> and <c>Metrics</c>. Anything else there is a slip of the pen, and would be ignored in silence.</summary>
internal static class KnownKeys
{
    /// <summary>Every key; <c>#</c> stands for a number.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "Mqtt:Listeners:#:Url",
        "Mqtt:Listeners:#:Certificate:Path",
        "Mqtt:Listeners:#:Certificate:KeyPath",
        "Mqtt:Listeners:#:Certificate:Password",
        "Mqtt:Listeners:#:ClientCertificates",
        "Mqtt:Listeners:#:ClientAuthorities",
        "Mqtt:Listeners:#:RevocationLists",
        "Mqtt:Listeners:#:RevocationLists:#",
        "Mqtt:Listeners:#:CertifiedUserName",
        "Mqtt:Listeners:#:AllowAnonymous",
        "Mqtt:WebSockets:Path",
        "Mqtt:WebSockets:AllowedOrigins",
        "Mqtt:WebSockets:AllowedOrigins:#",
        "Mqtt:WebSockets:AllowAnonymous",
        .. LimitsTable.Limits.Select(row => $"Mqtt:Limits:{row.Key}"),
        "Mqtt:Users:#:Name",
        "Mqtt:Users:#:Password",
        .. ExternalSettings.Jwt.Select(row => $"Mqtt:Jwt:{row.Key}"),
        .. ExternalSettings.Hook.Select(row => $"Mqtt:Hook:{row.Key}"),
        .. LimitsTable.Access.Select(row => $"Mqtt:Access:{row.Key}"),
        .. LimitsTable.Redirect.Select(row => $"Mqtt:Redirect:{row.Key}"),
        .. LimitsTable.Sys.Select(row => $"Mqtt:Sys:{row.Key}"),
        .. LimitsTable.Transport.Select(row => $"Mqtt:Transport:{row.Key}"),
        "Storage:Provider",
        "ConnectionStrings:Broker",
        .. LimitsTable.Storage.Select(row => $"Storage:{row.Key}"),
        .. LimitsTable.History.Select(row => $"Storage:History:{row.Key}"),
        .. LimitsTable.Admin.Select(row => $"Admin:{row.Key}"),
        .. LimitsTable.Metrics.Select(row => $"Metrics:{row.Key}"),
    ];

    private static readonly string[] Sections = ["Mqtt", "Storage", "Admin", "Metrics"];

    /// <summary>Adds an error for every key that is not known, with the nearest one that is.</summary>
    public static void Check(SettingsReader reader)
    {
        foreach (var (key, value) in Sections.SelectMany(reader.Below).OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            var (pattern, numbers) = Generalize(key);
            if (All.Contains(pattern, StringComparer.OrdinalIgnoreCase)) continue;
            if (string.IsNullOrEmpty(value)) continue; // a section, or an empty list
            var nearest = NearestKey.Of(pattern, All) ?? All.FirstOrDefault(known => known.StartsWith(pattern + ":", StringComparison.OrdinalIgnoreCase));
            reader.Fail(key, "there is no such key", nearest is null ? "Remove it" : $"Did you mean {Specialize(nearest, numbers)}?");
        }
    }

    private static (string Pattern, Queue<string> Numbers) Generalize(string key)
    {
        var numbers = new Queue<string>();
        var parts = key.Split(':');
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out _)) continue;
            numbers.Enqueue(parts[i]);
            parts[i] = "#";
        }
        return (string.Join(':', parts), numbers);
    }

    private static string Specialize(string pattern, Queue<string> numbers) =>
        string.Join(':', pattern.Split(':').Select(part => part != "#" ? part : numbers.TryDequeue(out var number) ? number : "0"));
}
