namespace Broker.Tests.Testing;

/// <summary>The tables of the standard that stand below <c>Data</c>: tab-separated, the first line names the columns.</summary>
public static class SpecTables
{
    /// <summary>The normative statements of MQTT 5.0.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Mqtt5 { get; } = Read("mqtt5.tsv");

    /// <summary>The normative statements of MQTT 3.1.1.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Mqtt311 { get; } = Read("mqtt311.tsv");

    /// <summary>The properties of MQTT 5.0, a row for each packet that may carry one.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Properties { get; } = Read("properties.tsv");

    /// <summary>The reason codes, a row for each packet that may carry one.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> ReasonCodes { get; } = Read("reasoncodes.tsv");

    /// <summary>The statements that no test covers, with the reason.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Uncovered { get; } = Read("uncovered.tsv");

    /// <summary>Behaviours that brokers are known to get wrong, each with the test that is named after it.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Behaviours { get; } = Read("behaviours.tsv");

    private static List<IReadOnlyDictionary<string, string>> Read(string name)
    {
        using var stream = typeof(SpecTables).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using var reader = new StreamReader(stream);
        string[] columns = reader.ReadLine()!.Split('\t');
        var rows = new List<IReadOnlyDictionary<string, string>>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0) continue;
            string[] cells = line.Split('\t');
            rows.Add(columns.Zip(cells).ToDictionary(cell => cell.First, cell => cell.Second));
        }
        return rows;
    }
}
