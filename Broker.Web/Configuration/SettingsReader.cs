using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Broker.Web.Configuration;

/// <summary>Reads single keys and gathers everything that is wrong, so that an operator hears of all of it at once.</summary>
internal sealed class SettingsReader(IConfigurationRoot configuration)
{
    private readonly List<ConfigurationError> errors = [];

    /// <summary>What was found up to now, in the order of the keys.</summary>
    public IReadOnlyList<ConfigurationError> Errors => [.. errors.OrderBy(error => error.Key, StringComparer.OrdinalIgnoreCase)];

    /// <summary>The value of <paramref name="key"/>, or null when it is missing or empty.</summary>
    public string? Text(string key) => configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    /// <summary>The keys directly below <paramref name="section"/>.</summary>
    public IEnumerable<IConfigurationSection> Children(string section) => configuration.GetSection(section).GetChildren();

    /// <summary>Every key and value below <paramref name="section"/>, however deep.</summary>
    public IEnumerable<(string Key, string? Value)> Below(string section) =>
        configuration.GetSection(section).AsEnumerable().Where(pair => pair.Key.Length > section.Length).Select(pair => (pair.Key, pair.Value));

    /// <summary>Reads <paramref name="rows"/> of <paramref name="section"/> into <paramref name="target"/>.</summary>
    public void Bind<T>(string section, IEnumerable<Setting<T>> rows, T target)
    {
        foreach (var row in rows)
            if (Text($"{section}:{row.Key}") is { } text && !row.TrySet(target, text))
                Fail($"{section}:{row.Key}", row.Allowed, "Correct it, or remove the key for the default");
    }

    /// <summary>True or false, or null when the key is missing or not readable (then an error is added).</summary>
    public bool? Flag(string key)
    {
        if (Text(key) is not { } text) return null;
        if (bool.TryParse(text, out var flag)) return flag;
        Fail(key, "allowed is true or false", "Correct it, or remove the key for the default");
        return null;
    }

    /// <summary>Adds an error about <paramref name="key"/>; a password or a secret is never shown.</summary>
    public void Fail(string key, string problem, string remedy, string? shown = null)
    {
        var secret = key.EndsWith(":Password", StringComparison.OrdinalIgnoreCase) || key.EndsWith(":Secret", StringComparison.OrdinalIgnoreCase);
        var value = shown ?? Text(key);
        errors.Add(new ConfigurationError(key, secret && value is not null ? "…" : value, problem, remedy) { Source = SourceOf(key) });
    }

    /// <summary>Where the value of <paramref name="key"/> comes from: the last provider that has it wins.</summary>
    public string? SourceOf(string key) => configuration.Providers.Reverse().FirstOrDefault(provider => provider.TryGet(key, out var value) && !string.IsNullOrEmpty(value)) switch
    {
        JsonConfigurationProvider json => json.Source.Path,
        EnvironmentVariablesConfigurationProvider => "environment variable",
        CommandLineConfigurationProvider => "command line",
        _ => null,
    };
}
