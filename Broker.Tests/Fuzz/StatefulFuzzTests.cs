using System.Globalization;
using Xunit.Abstractions;

namespace Broker.Tests.Fuzz;

/// <summary>
/// Many clients mix valid and mutated packets in every state of a connection, in all versions, over TCP and WebSocket. <c>CONNECTIONS</c> in the environment sets
/// how many there are in all, <c>SEED</c> where they begin.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class StatefulFuzzTests(HardenedBroker broker, ITestOutputHelper output) : IClassFixture<HardenedBroker>
{
    private const int AtATime = 16;
    private const long Growth = 48 * 1024 * 1024;
    private static readonly int Count = Setting("CONNECTIONS", 8_000);
    private static readonly int Seed = Setting("SEED", 20_264);

    [Fact]
    public async Task Clients_that_break_every_rule_disturb_nobody()
    {
        output.WriteLine($"{Count} connections, seed {Seed}");
        using var pair = await ControlPair.ConnectAsync(broker, "control");
        await pair.ExchangeUntilAsync(RunAsync(0, Count / 10)); // what is allocated once does not count as growth
        long before = HardenedBroker.LiveBytes();
        await pair.ExchangeUntilAsync(RunAsync(Count / 10, Count));
        await broker.WaitForClientsAsync(2);
        long growth = HardenedBroker.LiveBytes() - before;
        var statistics = broker.Statistics;
        output.WriteLine($"{pair.Exchanged} messages exchanged meanwhile; {statistics.PacketsReceived} packets received; {growth / 1024} KiB more than before");

        broker.Errors.ShouldBeEmpty();
        growth.ShouldBeLessThan(Growth);
        statistics.ConnectionsAccepted.ShouldBeGreaterThan(Count / 2, "most connections were refused, so little was tried");
        using (var another = await ControlPair.ConnectAsync(broker, "another")) await another.ExchangeAsync(10);
        await broker.EndConnectionsAsync();
        broker.ClientsConnected.ShouldBe(0);
        broker.Errors.ShouldBeEmpty();
    }

    private Task RunAsync(int from, int to) => Parallel.ForAsync(from, to, new ParallelOptions { MaxDegreeOfParallelism = AtATime },
        (number, _) => new ValueTask(new FuzzClient(broker.Address, new Random(unchecked(Seed * 1_000_003 + number))).RunAsync()));

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
