using System.Text.Json;
using Broker.Tests.RealClients;
using Broker.Tests.Rules;

namespace Broker.Tests.Containers;

/// <summary>What <c>docker-compose config</c> makes of <c>docker-compose.yml</c>; no engine is needed for that.</summary>
internal sealed class ComposeFile(JsonElement root)
{
    private const string ToJson = "docker-compose -f docker-compose.yml config | /usr/bin/python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)'";

    /// <summary>Reads the file; it must be accepted.</summary>
    public static async Task<ComposeFile> ReadAsync()
    {
        await using var program = RunningProgram.Start("bash", ["-o", "pipefail", "-c", ToJson], Repository.Root);
        await program.SucceedsAsync();
        return Parse(program.Transcript.Split('\n')[^1]);
    }

    /// <summary>Takes what the program made of a file.</summary>
    public static ComposeFile Parse(string json) => new(JsonDocument.Parse(json).RootElement);

    /// <summary>The image of each service that is not built here.</summary>
    public IEnumerable<string> Images => Services().Select(service => Text(service.Value, "image")).OfType<string>();

    /// <summary>The environment of a service.</summary>
    public Dictionary<string, string?> Environment(string service) => root.GetProperty("services").GetProperty(service).GetProperty("environment").EnumerateObject()
        .ToDictionary(pair => pair.Name, pair => pair.Value.GetString());

    /// <summary>The ports that a service publishes.</summary>
    public IEnumerable<string> Ports(string service) =>
        root.GetProperty("services").GetProperty(service).TryGetProperty("ports", out var ports) ? ports.EnumerateArray().Select(PortOf) : [];

    /// <summary>Every port that is published to others than this machine.</summary>
    public IEnumerable<string> PublishedToAll() => Services().SelectMany(service => Ports(service.Name)).Where(port => !port.StartsWith("127.0.0.1:", StringComparison.Ordinal));

    /// <summary>Every file or folder of the machine that a service needs.</summary>
    public IEnumerable<string> MountedFromTheMachine() =>
        from service in Services()
        where service.Value.TryGetProperty("volumes", out _)
        from volume in service.Value.GetProperty("volumes").EnumerateArray()
        let source = volume.ValueKind == JsonValueKind.String ? volume.GetString()!.Split(':')[0] : Text(volume, "source") ?? ""
        where source.IndexOfAny(['/', '.', '~']) >= 0
        select source;

    private JsonElement.ObjectEnumerator Services() => root.GetProperty("services").EnumerateObject();

    // Version 1 of the program writes "127.0.0.1:1883:1883/tcp", version 2 an object.
    private static string PortOf(JsonElement port) => port.ValueKind == JsonValueKind.String ? port.GetString()!.Split('/')[0]
        : $"{Text(port, "host_ip")}:{Text(port, "published")}:{Text(port, "target")}";

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.ToString() : null;
}
