using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Tests.Testing;

namespace Broker.Tests.Persistence.PostgreSql;

/// <summary>A commit of which nobody hears whether it succeeded is neither lost nor done twice.</summary>
public sealed class CutCommitTests
{
    private static readonly CutMoment[] Moments = [CutMoment.InsteadOfReply, CutMoment.AfterRequest, CutMoment.BeforeRequest];

    [Theory]
    [InlineData(1, 200)]
    [InlineData(200, 40)] // which takes several trips
    public async Task Commits_that_are_cut_are_neither_lost_nor_done_twice(int messages, int cuts)
    {
        var shared = await PostgresServer.SharedAsync();
        using var proxy = new TcpProxy(shared.Port);
        var direct = await PostgreSqlDatabase.CreateAsync();
        var database = direct with { ConnectionString = direct.ConnectionString.Replace($"Port={shared.Port};", $"Port={proxy.Port};", StringComparison.Ordinal) };
        using var store = await database.OpenAsync();
        var random = new Random(1);
        long number = 0, sequence = 0;
        var waiting = new Queue<long[]>();
        Commit(store, ref number, new SessionStored(1, "a", null, 60, 10, 0), new SessionStored(2, "b", null, 60, 10, 0));

        while (proxy.Cuts < cuts)
        {
            // Every message stands in both queues and is stored once; what was queued before goes from both, which takes a second trip.
            var queued = Enumerable.Range(0, messages).Select(_ => ++sequence).ToArray();
            var changes = new List<StoreChange>();
            foreach (long one in queued)
            {
                var message = Message($"{one}");
                changes.AddRange([Entry(1, one, message), Entry(2, one, message), new IdentifierSeen(1, (ushort)one)]);
            }
            if (waiting.Count > 5)
            {
                foreach (long settled in waiting.Dequeue()) changes.AddRange([new EntrySettled(1, settled), new EntrySettled(2, settled), new IdentifierForgotten(1, (ushort)settled)]);
            }
            waiting.Enqueue(queued);
            proxy.Cut(Moments[random.Next(Moments.Length)], repliesBefore: random.Next(messages == 1 ? 2 : 4));
            Commit(store, ref number, [.. changes]);
        }
        proxy.Cut(CutMoment.Never);

        long[] left = [.. waiting.SelectMany(one => one)];
        foreach (int session in new[] { 1, 2 })
            store.ReadEntries(session, 1, long.MaxValue, int.MaxValue, int.MaxValue).Select(entry => (entry.Sequence, entry.Message.TopicText)).ShouldBe(left.Select(one => (one, $"{one}")));
        (await direct.ExecuteAsync("SELECT count(*) FROM messages")).ShouldBe((long)left.Length);
        (await direct.ExecuteAsync("SELECT count(*) FROM inbound_identifiers")).ShouldBe((long)left.Length);

        // And nothing was counted wrongly: with its last entry each message goes.
        Commit(store, ref number, [.. left.SelectMany(one => new StoreChange[] { new EntrySettled(1, one), new EntrySettled(2, one) })]);
        (await direct.ExecuteAsync("SELECT count(*) FROM messages")).ShouldBe(0L);
    }

    [Fact]
    public async Task Sweeps_that_are_cut_leave_no_message_behind()
    {
        var shared = await PostgresServer.SharedAsync();
        using var proxy = new TcpProxy(shared.Port);
        var direct = await PostgreSqlDatabase.CreateAsync();
        var database = direct with { ConnectionString = direct.ConnectionString.Replace($"Port={shared.Port};", $"Port={proxy.Port};", StringComparison.Ordinal) };
        using var store = await database.OpenAsync();
        long number = 0;
        for (int round = 0; round < 20; round++)
        {
            long first = round * 2 + 1, second = first + 1;
            var message = Message("a");
            Commit(store, ref number, new SessionStored(first, "a", null, 60, 10, 0), new SessionStored(second, "b", null, 60, 10, 0), Entry(first, first, message), Entry(second, first, message));
            Commit(store, ref number, new SessionDiscarded(first, 1));
            Sweep(store, proxy, Moments[round % Moments.Length], round / Moments.Length % 2);
            Commit(store, ref number, new EntrySettled(second, first));
        }

        (await direct.ExecuteAsync("SELECT count(*) FROM messages")).ShouldBe(0L);
        (await direct.ExecuteAsync("SELECT count(*) FROM queue_entries")).ShouldBe(0L);
        (await direct.ExecuteAsync("SELECT count(*) FROM sessions")).ShouldBe(20L);
        proxy.Cuts.ShouldBe(20);
    }

    private static void Sweep(IBrokerStore store, TcpProxy proxy, CutMoment when, int repliesBefore)
    {
        int cuts = proxy.Cuts;
        proxy.Cut(when, repliesBefore);
        Should.Throw<StoreUnavailableException>(() => store.Sweep());
        proxy.Cuts.ShouldBe(cuts + 1);
        while (store.Sweep())
        {
        }
    }

    // As the journal does it: unchanged and with the same number until it is taken.
    private static void Commit(IBrokerStore store, ref long number, params StoreChange[] changes)
    {
        var batch = new StoreBatch(++number, changes);
        while (true)
        {
            try
            {
                store.Commit(batch);
                return;
            }
            catch (StoreUnavailableException)
            {
                // Once more.
            }
        }
    }

    private static ApplicationMessage Message(string topic) => new(new Publication { Topic = System.Text.Encoding.UTF8.GetBytes(topic), ExpiresAt = ApplicationMessage.Never });

    private static EntryQueued Entry(long session, long sequence, ApplicationMessage message) =>
        new(session, sequence, message, QualityOfService.AtLeastOnce, false, [], null) { MessageId = sequence };
}
