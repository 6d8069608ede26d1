using System.Text.Json;

namespace Broker.Bench;

/// <summary>Results as lines of JSON, for programs and readers alike.</summary>
internal static class Json
{
    /// <summary>Writes one line: what was asked, then what was found.</summary>
    public static Task WriteAsync(TextWriter output, params IEnumerable<(string Name, object Value)> fields)
    {
        var line = new Dictionary<string, object>();
        foreach (var (name, value) in fields) line[name] = value;
        return output.WriteLineAsync(JsonSerializer.Serialize(line));
    }
}
