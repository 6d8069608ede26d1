using Broker.Tests.Rules;

namespace Broker.Tests.RealClients;

/// <summary>Eclipse Paho's Python client, as Debian packages it. Its scenario stands in <c>paho_client.py</c>.</summary>
public sealed class PahoTests(BrokerProcess broker) : IClassFixture<BrokerProcess>
{
    public static readonly TheoryData<string, int> Carriers = Matrix.Of(["mqtt", "ws", "mqtts", "wss"], [3, 4, 5]);

    [Theory, MemberData(nameof(Carriers))]
    public async Task Messages_and_wills_arrive(string carrier, int version)
    {
        var (transport, port) = carrier switch
        {
            "mqtt" => ("tcp", broker.Port),
            "ws" => ("websockets", broker.HttpPort),
            "mqtts" => ("tcp", broker.TlsPort),
            "wss" => ("websockets", broker.HttpsPort),
            _ => throw new ArgumentOutOfRangeException(nameof(carrier)),
        };
        var script = Path.Combine(Repository.Root, "Broker.Tests", "RealClients", "paho_client.py");
        var certificate = carrier is "mqtts" or "wss" ? broker.CertificatePath : "";
        // Debian's own interpreter: another Python in the path does not see Debian's packages.
        await using var python = RunningProgram.Start("/usr/bin/python3", [script, transport, $"{port}", $"{version}", certificate]);

        await python.SucceedsAsync();
        python.Transcript.ShouldEndWith("passed");
    }
}
