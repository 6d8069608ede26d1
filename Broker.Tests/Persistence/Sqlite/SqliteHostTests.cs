using System.Net;
using System.Net.Sockets;
using Broker.Tests.RealClients;
using Broker.Web.Persistence.Sqlite;

namespace Broker.Tests.Persistence.Sqlite;

/// <summary>The host as a process whose file is taken from it.</summary>
public sealed class SqliteHostTests : IDisposable
{
    private readonly SqliteDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_host_that_lost_its_store_ends_and_its_exit_code_tells()
    {
        int port = FreePort.Next();
        await using var host = BrokerProcess.Launch(
            $"--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:{port}", "--urls=http://127.0.0.1:0", "--Storage:Provider=Sqlite", $"--ConnectionStrings:Broker=Data Source={database.Path}");
        await host.LineAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal));
        using (var other = new RawConnection(database.Path, readOnly: false)) other.Execute("UPDATE store_owner SET epoch = epoch + 1");

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        byte[] persistent = [0x10, 13, 0, 4, .. "MQTT"u8, 4, 0, 0, 60, 0, 1, (byte)'x'];
        await client.GetStream().WriteAsync(persistent);
        (await host.ExitCodeAsync()).ShouldBe(1, host.Transcript);
        host.Transcript.ShouldContain("another process has taken the database file over");
    }
}
