using System.Globalization;
using Broker.Web.Configuration;
using Broker.Web.Security.External;

namespace Broker.Web.Operations.Status;

/// <summary>The configuration as it holds: every key that is set, and the defaults of the others.</summary>
internal sealed class ConfigurationQueries(IConfiguration configuration, HostSettings settings)
{
    private const string Default = "default", Hidden = "…";

    private static readonly string[] Sections = ["Mqtt", "Storage", "Kestrel", "Admin", "Logging"];

    /// <summary>All settings, by their keys.</summary>
    public IReadOnlyList<SettingView> List()
    {
        var reader = new SettingsReader((IConfigurationRoot)configuration);
        var found = new SortedDictionary<string, SettingView>(StringComparer.OrdinalIgnoreCase);
        AddDefaults(found, "Mqtt:Limits", LimitsTable.Limits, settings.Broker.Limits);
        AddDefaults(found, "Mqtt:Jwt", ExternalSettings.Jwt, settings.Jwt);
        AddDefaults(found, "Mqtt:Hook", ExternalSettings.Hook, settings.Hook);
        AddDefaults(found, "Mqtt:Redirect", LimitsTable.Redirect, settings.Broker.Redirect);
        AddDefaults(found, "Mqtt:Sys", LimitsTable.Sys, settings.Broker.Sys);
        AddDefaults(found, "Storage", LimitsTable.Storage, settings.Broker.Storage);
        AddDefaults(found, "Storage:History", LimitsTable.History, settings.History);
        Add(found, "Storage:Provider", settings.Storage.Provider.ToString());
        Add(found, "ConnectionStrings:Broker", settings.Storage.ToString());
        Add(found, "Mqtt:WebSockets:Path", settings.WebSockets.Path);
        foreach (var listener in settings.Listeners) Add(found, listener.Key, listener.Url.ToString());
        foreach (var (key, value) in Sections.SelectMany(reader.Below))
        {
            if (!string.IsNullOrEmpty(value)) found[key] = new SettingView(key, IsSecret(key) ? Hidden : value, Default);
        }
        return [.. found.Values.Select(setting => setting with { Origin = reader.SourceOf(setting.Key) ?? Default })];
    }

    private static void AddDefaults<T>(SortedDictionary<string, SettingView> found, string section, IEnumerable<Setting<T>> rows, T options)
    {
        foreach (var row in rows.Where(row => !IsSecret(row.Key))) Add(found, $"{section}:{row.Key}", Text(typeof(T).GetProperty(row.Key)?.GetValue(options)));
    }

    private static void Add(SortedDictionary<string, SettingView> found, string key, string? value) => found[key] = new SettingView(key, value, Default);

    private static string? Text(object? value) => value switch
    {
        null or "" => null,
        TimeSpan span => Quantities.Show(span),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static bool IsSecret(string key) =>
        key.Contains("password", StringComparison.OrdinalIgnoreCase) || key.Contains("secret", StringComparison.OrdinalIgnoreCase)
        || key.Contains("token", StringComparison.OrdinalIgnoreCase) || key.EndsWith("Key", StringComparison.OrdinalIgnoreCase);
}
