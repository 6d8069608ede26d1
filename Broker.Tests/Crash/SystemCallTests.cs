using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Crash;

/// <summary>What the operating system saw of one PUBLISH: it was forced onto the disk after it was read and before PUBACK was written.</summary>
[Collection(CrashCollection.Name)]
public sealed class SystemCallTests : IDisposable
{
    private const string Marker = "look for this in the system calls";
    private const ushort Identifier = 0x4243;
    private const string PubAckAsTold = "@\\2BC"; // the packet's four bytes as strace writes them

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("broker-calls-");

    [Fact]
    public async Task SQLite_forces_a_message_onto_the_disk_before_PUBACK()
    {
        using var store = new SqliteCrashStore(Path.Combine(directory.FullName, "broker.db"));

        ShouldForceInTime("broker.db-wal", await PublishAsync(store.Settings, lies: false));
    }

    [Fact]
    public async Task PostgreSQL_forces_a_message_onto_the_disk_before_PUBACK()
    {
        await using var server = await PostgresServer.StartNewAsync();
        string[] settings = ["--Storage:Provider=PostgreSql", $"--ConnectionStrings:Broker={server.ConnectionString}"];

        ShouldForceInTime("/pg_wal/", await PublishAsync(settings, lies: false, () => server.ProcessIds));
    }

    [Fact]
    public async Task A_broker_that_forces_too_late_is_found()
    {
        using var store = new SqliteCrashStore(Path.Combine(directory.FullName, "broker.db"));
        var calls = await PublishAsync([.. store.Settings, LyingBroker.Late(TimeSpan.FromMinutes(1))], lies: true);

        calls.Received(Marker).ShouldBeGreaterThanOrEqualTo(0, calls.Text);
        calls.Forced("broker.db-wal", calls.Received(Marker), calls.Sent(PubAckAsTold)).ShouldBe(-1, calls.Text);
    }

    public void Dispose() => directory.Delete(recursive: true);

    private static void ShouldForceInTime(string file, SystemCalls calls)
    {
        int read = calls.Received(Marker), written = calls.Sent(PubAckAsTold);
        read.ShouldBeGreaterThanOrEqualTo(0, calls.Text);
        written.ShouldBeGreaterThan(read, calls.Text);
        calls.Forced(file, read, written).ShouldBeGreaterThan(read, calls.Text);
    }

    private async Task<SystemCalls> PublishAsync(IEnumerable<string> settings, bool lies, Func<int[]>? database = null)
    {
        using var broker = KilledBroker.Start(directory.FullName, [.. settings, "--Storage:History:Enabled=false"], lies: lies);
        await broker.WaitUntilReadyAsync();
        var address = new BrokerAddress(broker.Port, broker.HttpPort);
        using (var subscriber = await ScriptedClient.OpenAsync(address, Transport.Tcp, ProtocolVersion.V311, "subscriber"))
        {
            await subscriber.ConnectAsync(new Connect { ClientIdentifier = "subscriber", CleanStart = false });
            await subscriber.SubscribeAsync("#", QualityOfService.AtLeastOnce);
            await subscriber.SendAsync(new Disconnect());
            await subscriber.ExpectClosedAsync();
        }
        using var publisher = await ScriptedClient.OpenAsync(address, Transport.Tcp, ProtocolVersion.V311, "publisher");
        await publisher.ConnectAsync(new Connect { ClientIdentifier = "publisher", CleanStart = true });
        return await SystemCalls.RecordAsync([broker.ProcessId, .. database?.Invoke() ?? []], async () =>
        {
            await publisher.SendAsync(new Publish
            {
                Topic = "a"u8.ToArray(),
                Payload = System.Text.Encoding.UTF8.GetBytes(Marker),
                QoS = QualityOfService.AtLeastOnce,
                PacketIdentifier = Identifier,
            });
            (await publisher.ExpectAsync<PubAck>()).PacketIdentifier.ShouldBe(Identifier);
        });
    }
}
