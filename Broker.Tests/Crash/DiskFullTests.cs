using System.Globalization;
using Broker.Core.Protocol;
using Broker.Tests.Crash.Clients;
using Broker.Tests.Testing;

namespace Broker.Tests.Crash;

/// <summary>A disk that is full: what cannot be written is not acknowledged, the broker stays small, and goes on by itself when there is room again.</summary>
[Collection(CrashCollection.Name)]
public sealed class DiskFullTests : IAsyncLifetime
{
    private const int Mebibyte = 1024 * 1024, DiskMebibytes = 24, FillerMebibytes = 12, PayloadBytes = 16_000, Publishers = 8, Window = 16;
    private const long MostGrowthMebibytes = 192;

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("broker-disk-");
    private SmallDisk disk = null!;
    private KilledBroker broker = null!;

    public async Task InitializeAsync()
    {
        disk = await SmallDisk.MountAsync(Directory.CreateDirectory(Path.Combine(directory.FullName, "disk")).FullName, DiskMebibytes);
        await File.WriteAllBytesAsync(disk.FromOutside("filler"), new byte[FillerMebibytes * Mebibyte]);
        await StartBrokerAsync();
        using var subscriber = await ConnectAsync("subscriber", cleanStart: false);
        await subscriber.SubscribeAsync("#", QualityOfService.AtLeastOnce);
    }

    [Fact]
    public async Task When_there_is_room_again_everything_is_acknowledged_and_delivered_without_a_restart()
    {
        long before = ResidentMebibytes();
        var publishing = StartPublishers(out var publishers);
        await WaitUntilHeldAsync(publishers);
        (ResidentMebibytes() - before).ShouldBeLessThan(MostGrowthMebibytes);

        File.Delete(disk.FromOutside("filler"));
        foreach (var publisher in publishers) publisher.IsEnough = true;
        await publishing;

        publishers.ShouldAllBe(publisher => publisher.Acknowledged == publisher.Sent);
        await ShouldGetAllAsync(publishers);
    }

    [Fact]
    public async Task What_was_acknowledged_before_the_disk_was_full_is_there_after_a_kill()
    {
        var publishing = StartPublishers(out var publishers);
        await WaitUntilHeldAsync(publishers);
        broker.Dispose();
        await publishing;
        File.Delete(disk.FromOutside("filler"));

        await StartBrokerAsync();

        publishers.Sum(publisher => publisher.Acknowledged).ShouldBeGreaterThan(0);
        await ShouldGetAllAsync(publishers);
    }

    public Task DisposeAsync()
    {
        broker.Dispose();
        disk.Dispose();
        directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    private async Task StartBrokerAsync()
    {
        broker = KilledBroker.Start(directory.FullName,
            ["--Storage:Provider=Sqlite", $"--ConnectionStrings:Broker=Data Source={disk.Path}/broker.db", "--Storage:FreeDiskBytes=0"], through: disk.Inside);
        await broker.WaitUntilReadyAsync();
    }

    private Task StartPublishers(out FillingPublisher[] publishers)
    {
        publishers = [.. Enumerable.Range(0, Publishers).Select(number => new FillingPublisher(number))];
        return Task.WhenAll(publishers.Select(publisher => Task.Factory.StartNew(() => publisher.Run(broker.Port), TaskCreationOptions.LongRunning)));
    }

    // The broker says that it waits for its disk, and nobody gets an acknowledgement any more.
    private async Task WaitUntilHeldAsync(FillingPublisher[] publishers)
    {
        await broker.WaitUntilReadyAsync(isReady: false);
        publishers.ShouldAllBe(publisher => publisher.Acknowledged < publisher.Sent);
    }

    private async Task ShouldGetAllAsync(FillingPublisher[] publishers)
    {
        using var subscriber = await ConnectAsync("subscriber", cleanStart: false);
        var missing = publishers.SelectMany(publisher => Enumerable.Range(1, publisher.Acknowledged).Select(number => $"{publisher.Number}/{number}")).ToHashSet();
        while (missing.Count > 0)
        {
            var publish = await subscriber.ExpectAsync<Publish>();
            missing.Remove(System.Text.Encoding.UTF8.GetString(publish.Topic.Span));
            await subscriber.SendAsync(new PubAck(publish.PacketIdentifier));
        }
    }

    private async Task<ScriptedClient> ConnectAsync(string name, bool cleanStart)
    {
        var client = await ScriptedClient.OpenAsync(new BrokerAddress(broker.Port, broker.HttpPort), Transport.Tcp, ProtocolVersion.V311, name);
        await client.ConnectAsync(new Connect { ClientIdentifier = name, CleanStart = cleanStart });
        return client;
    }

    private long ResidentMebibytes()
    {
        string line = File.ReadLines($"/proc/{broker.ProcessId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Publishes until it is told that it is enough, and then until everything is acknowledged or the connection ends.</summary>
    private sealed class FillingPublisher(int number)
    {
        public volatile bool IsEnough;
        private int sent, acknowledged;

        public int Number => number;

        public int Sent => Volatile.Read(ref sent);

        public int Acknowledged => Volatile.Read(ref acknowledged);

        public void Run(int port)
        {
            using var link = Link.Open(port, ProtocolVersion.V311);
            try
            {
                link.Write(new Connect { Version = ProtocolVersion.V311, ClientIdentifier = $"publisher{number}", CleanStart = true });
                while (!IsEnough || Acknowledged < Sent)
                {
                    while (!IsEnough && Sent - Acknowledged < Window) link.Write(Next());
                    link.Flush();
                    link.Receive(TimeSpan.FromMilliseconds(20));
                    while (link.TryTake(out var type, out _, out var body))
                    {
                        if (type != ControlPacketType.PubAck) continue;
                        PubAck.Read(body, ProtocolVersion.V311, Sender.Server).PacketIdentifier.ShouldBe((ushort)(Acknowledged + 1));
                        Interlocked.Increment(ref acknowledged);
                    }
                }
            }
            catch (LinkEndedException)
            {
                // The broker was killed.
            }
        }

        private Publish Next() => new()
        {
            Topic = System.Text.Encoding.UTF8.GetBytes($"{number}/{Interlocked.Increment(ref sent)}"),
            Payload = new byte[PayloadBytes],
            QoS = QualityOfService.AtLeastOnce,
            PacketIdentifier = (ushort)Sent,
        };
    }
}
