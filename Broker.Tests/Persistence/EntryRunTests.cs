using Broker.Core.Protocol;
using Broker.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence;

/// <summary>Entries that several sessions get alike stand in few rows; whatever becomes of some of them, the others stay as they were.</summary>
public abstract class EntryRunTests : StoreContract
{
    private const int Sessions = 3;

    private readonly SortedDictionary<long, EntryQueued>[] expected = [.. Enumerable.Range(0, Sessions).Select(_ => new SortedDictionary<long, EntryQueued>())];
    private readonly Dictionary<long, ApplicationMessage> messages = []; // of the entries, which forget theirs once they are committed
    private readonly long[] lastSequence = new long[Sessions];
    private long lastMessage;

    private protected EntryRunTests(Func<Task<IStoreDatabase>> make) : base(make)
    {
    }

    [Fact]
    public async Task What_several_sessions_get_alike_takes_few_rows_of_each()
    {
        var (store, _) = await OpenAsync();
        Commit(store, [Session(1), Session(2), .. Together(150)]);

        (await CountRowsAsync()).ShouldBe(150 + 2 * 3 + 2); // messages, runs of 64 at most, sessions
        ReadAll(store, 2).Select(entry => entry.Message.TopicText).ShouldBe(Enumerable.Range(1, 150).Select(n => $"t/{n}"));
    }

    [Theory]
    [InlineData(1, 30, 1)] // from the head of the queue
    [InlineData(41, 60, 1)]
    [InlineData(20, 40, 2)]
    [InlineData(1, 60, 0)]
    [InlineData(60, 60, 1)]
    public async Task Of_a_run_any_part_can_be_settled(int first, int last, int rows)
    {
        var (store, _) = await OpenAsync();
        Commit(store, [Session(1), Session(2), .. Together(60)]);
        Commit(store, [.. Enumerable.Range(first, last - first + 1).Select(n => new EntrySettled(1, n))]);

        (await CountRowsAsync()).ShouldBe(60 + 2 + 1 + rows);
        for (int opening = 1; opening <= 2; opening++)
        {
            ReadAll(store, 1).Select(entry => entry.Message.TopicText).ShouldBe(Enumerable.Range(1, 60).Where(n => n < first || n > last).Select(n => $"t/{n}"));
            ReadAll(store, 2).Count.ShouldBe(60);
            Commit(store, [.. Enumerable.Range(first, last - first + 1).Select(n => new EntrySettled(1, n))]); // once more: there is nothing
            if (opening == 1) (store, _) = await ReopenAsync(store);
        }
    }

    [Fact]
    public async Task Of_a_run_several_parts_can_be_settled_at_once()
    {
        var (store, _) = await OpenAsync();
        Commit(store, [Session(1), Session(2), .. Together(20)]);
        long[] settled = [2, 3, 5, 9, 10, 11, 19];
        Commit(store, [.. settled.Select(n => new EntrySettled(1, n))]);

        ReadAll(store, 1).Select(entry => entry.Sequence).ShouldBe(Enumerable.Range(1, 20).Select(n => (long)n).Except(settled));
        ReadAll(store, 1).ShouldAllBe(entry => entry.Message.TopicText == $"t/{entry.Sequence}");
        Commit(store, [.. Enumerable.Range(1, 20).SelectMany<int, StoreChange>(n => [new EntrySettled(1, n), new EntrySettled(2, n)])]);
        (await CountRowsAsync()).ShouldBe(2); // the sessions
    }

    [Fact]
    public async Task Entries_that_differ_do_not_share_a_row()
    {
        var (store, _) = await OpenAsync();
        var message = Message("a");
        EntryQueued Of(long sequence, QualityOfService qos = QualityOfService.AtLeastOnce, bool retain = false, uint[]? identifiers = null, string? share = null, long? id = null) =>
            new(1, sequence, message, qos, retain, identifiers ?? [], share) { MessageId = id ?? sequence };
        Commit(store, Session(1), Of(1), Of(2, retain: true), Of(3, identifiers: [7]), Of(4, share: "$share/g/a"), Of(5, QualityOfService.ExactlyOnce), Of(6, QualityOfService.ExactlyOnce),
            Of(7), Of(9, id: 8), Of(10, id: 11), Of(11, id: 12));
        Commit(store, new EntryReleased(1, 5));

        (await CountRowsAsync()).ShouldBe(1 + 10 + 9);
        ReadAll(store, 1).Select(entry => (entry.Sequence, entry.QoS, entry.Retain, entry.Identifiers.Length, entry.ShareFilter, entry.IsReleased)).ShouldBe(
        [
            (1, QualityOfService.AtLeastOnce, false, 0, null, false), (2, QualityOfService.AtLeastOnce, true, 0, null, false), (3, QualityOfService.AtLeastOnce, false, 1, null, false),
            (4, QualityOfService.AtLeastOnce, false, 0, "$share/g/a", false), (5, QualityOfService.ExactlyOnce, false, 0, null, true), (6, QualityOfService.ExactlyOnce, false, 0, null, false),
            (7, QualityOfService.AtLeastOnce, false, 0, null, false), (9, QualityOfService.AtLeastOnce, false, 0, null, false), (10, QualityOfService.AtLeastOnce, false, 0, null, false), (11, QualityOfService.AtLeastOnce, false, 0, null, false),
        ]);
    }

    [Fact]
    public async Task What_is_left_of_a_queue_is_found_however_far_apart_it_lies()
    {
        var (store, _) = await OpenAsync();
        Commit(store, [Session(1), Session(2), .. Together(200)]);
        Commit(store, [.. Enumerable.Range(1, 200).Where(n => n is not (70 or 71 or 199)).Select(n => new EntrySettled(1, n))]);

        Read(1, 10).ShouldBe(["t/70", "t/71", "t/199"]);
        Read(1, 2).ShouldBe(["t/70", "t/71"]);
        Read(71, 2).ShouldBe(["t/71", "t/199"]);

        IEnumerable<string> Read(long from, int most) => store.ReadEntries(1, from, long.MaxValue, most, 1 << 20).Select(entry => entry.Message.TopicText);
    }

    [Fact]
    public async Task A_message_that_a_session_gets_twice_is_read_twice()
    {
        var (store, _) = await OpenAsync();
        var (first, second) = (Message("a", new string('x', 99)), Message("b", new string('x', 99)));
        Commit(store, Session(1), Entry(1, 1, first, 1), Entry(1, 2, first, 1), Entry(1, 3, second, 2), Entry(1, 4, first, 1));

        for (int reading = 1; reading <= 2; reading++) // the second time they were read before
        {
            ReadAll(store, 1).Select(entry => entry.Message.TopicText).ShouldBe(["a", "a", "b", "a"]);
            store.ReadEntries(1, 1, 4, 100, 101).Select(entry => entry.Sequence).ShouldBe([1, 2]);
        }
    }

    [Fact]
    public async Task What_is_settled_while_it_is_read_is_there_with_its_message_or_not_at_all()
    {
        const int count = 2_000;
        var (store, _) = await OpenAsync();
        Commit(store, [Session(1), Session(2), .. Together(count)]);
        var settling = Task.Run(() =>
        {
            for (int n = 1; n <= count; n += 10)
                Commit(store, [.. Enumerable.Range(n, 10).SelectMany<int, StoreChange>(one => [new EntrySettled(1, one), new EntrySettled(2, one)])]);
        });
        try
        {
            long first = 0;
            while (ReadAll(store, 1) is [var head, ..] entries)
            {
                head.Sequence.ShouldBeGreaterThanOrEqualTo(first);
                first = head.Sequence;
                entries.Select(entry => entry.Sequence).ShouldBe(Enumerable.Range((int)first, count - (int)first + 1).Select(n => (long)n));
                entries.ShouldAllBe(entry => entry.Message.TopicText == $"t/{entry.Sequence}");
            }
        }
        finally
        {
            await settling;
        }
    }

    [Fact]
    public async Task A_message_that_is_missing_is_told()
    {
        var (store, _) = await OpenAsync();
        Commit(store, [Session(1), Session(2), .. Together(5)]);
        await using (var context = OpenContext()) await context.Messages.Where(message => message.Id == 3).ExecuteDeleteAsync();

        store.ReadEntries(1, 1, 2, 100, 1 << 20).Count.ShouldBe(2);
        Should.Throw<InvalidDataException>(() => ReadAll(store, 1)).Message.ShouldContain("message 3 is missing");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_comes_and_goes_the_rest_is_there_as_it_was(int seed)
    {
        var random = new Random(seed);
        var (store, _) = await OpenAsync();
        Commit(store, [.. Enumerable.Range(1, Sessions).Select(key => Session(key, 1))]);
        for (int step = 1; step <= 60; step++)
        {
            var changes = new List<StoreChange>();
            for (int change = random.Next(1, 4); change > 0; change--) changes.AddRange(random.Next(5) < 2 ? Queue(random) : Settle(random));
            Commit(store, [.. changes]);

            int session = random.Next(Sessions);
            long from = random.NextInt64(1, lastSequence[session] + 2), upTo = random.Next(2) == 0 ? long.MaxValue : random.NextInt64(from, lastSequence[session] + 300);
            Compare(store, session, from, upTo, random.Next(1, 1_000), random.Next(1, 30_000));
            if (step % 10 != 0) continue;
            (store, var state) = await ReopenAsync(store);
            CompareState(state);
            await CompareTablesAsync();
        }
        for (int session = 0; session < Sessions; session++) Compare(store, session, 1, long.MaxValue, int.MaxValue, int.MaxValue);

        Commit(store, [.. Enumerable.Range(1, Sessions).Select(key => new SessionDiscarded(key, Noon))]);
        while (store.Sweep())
        {
        }
        (await CountRowsAsync()).ShouldBe(0);
    }

    private static IEnumerable<EntryQueued> Together(int count)
    {
        for (int n = 1; n <= count; n++)
        {
            var message = Message($"t/{n}", new string('x', n));
            yield return Entry(1, n, message, n);
            yield return Entry(2, n, message, n);
        }
    }

    // Up to 400 messages that some sessions get alike, as they come from one publisher.
    private List<StoreChange> Queue(Random random)
    {
        int[] receivers = [.. Enumerable.Range(0, Sessions).Where(_ => random.Next(4) > 0)];
        uint[] identifiers = random.Next(3) == 0 ? [5] : [];
        var changes = new List<StoreChange>();
        for (int count = random.Next(1, 400); count > 0; count--)
        {
            var message = Message($"t/{messages.Count}", new string('p', random.Next(200)), properties: random.Next(2) == 0 ? "" : "pp");
            long id = receivers.Length > 1 ? ++lastMessage : 0;
            var qos = random.Next(20) == 0 ? QualityOfService.ExactlyOnce : QualityOfService.AtLeastOnce;
            foreach (int session in receivers)
            {
                if (random.Next(100) == 0) lastSequence[session]++; // one that was acknowledged before it was written
                var entry = new EntryQueued(session + 1, ++lastSequence[session], message, qos, random.Next(50) == 0, identifiers, null) { MessageId = id };
                changes.Add(entry);
                expected[session].Add(entry.Sequence, entry);
                messages[entry.Sequence * Sessions + session] = message;
            }
        }
        return changes;
    }

    // From the head, as acknowledgements mostly come, or anywhere.
    private List<StoreChange> Settle(Random random)
    {
        int session = random.Next(Sessions), count = random.Next(1, 300);
        long[] waiting = [.. expected[session].Keys];
        long[] settled = random.Next(3) switch
        {
            0 => [.. waiting.Where(_ => random.Next(10) == 0)],
            1 => [.. waiting.Skip(random.Next(waiting.Length + 1)).Take(count)],
            _ => [.. waiting.Take(count)],
        };
        foreach (long sequence in settled) expected[session].Remove(sequence);
        if (random.Next(2) == 0) random.Shuffle(settled);
        var changes = new List<EntrySettled>();
        foreach (long sequence in settled)
        {
            if (random.Next(50) == 0 || changes is not [.., var last] || !last.TryExtend(sequence)) changes.Add(new EntrySettled(session + 1, sequence));
        }
        foreach (var change in changes) change.Take();
        return [.. changes];
    }

    private void Compare(IBrokerStore store, int session, long from, long upTo, int most, int mostBytes)
    {
        var whole = expected[session].Values.Where(entry => entry.Sequence >= from && entry.Sequence <= upTo).Take(most).ToList();
        int count = 0;
        for (long bytes = 0; count < whole.Count && bytes < mostBytes; count++) bytes += MessageOf(whole[count]).Size;
        var read = store.ReadEntries(session + 1, from, upTo, most, mostBytes);
        read.Select(entry => (entry.Sequence, entry.Message.TopicText, entry.Message.Size, entry.QoS, entry.Retain, entry.Identifiers.Length))
            .ShouldBe(whole.Take(count).Select(entry => (entry.Sequence, MessageOf(entry).TopicText, MessageOf(entry).Size, entry.QoS, entry.Retain, entry.Identifiers.Length)));
    }

    private void CompareState(StoredState state)
    {
        foreach (var session in state.Sessions)
        {
            var queue = expected[session.Key - 1];
            (session.Entries, session.EntryBytes).ShouldBe((queue.Count, queue.Values.Sum(entry => (long)MessageOf(entry).Size)));
            if (queue.Count > 0) (session.FirstSequence, session.LastSequence, session.HighestSent).ShouldBe((queue.Keys.First(), queue.Keys.Last(), queue.Keys.First()));
        }
    }

    private async Task CompareTablesAsync()
    {
        (await CountMessagesAsync()).ShouldBe(expected.SelectMany(queue => queue.Values).Where(entry => entry.MessageId > 0).Select(entry => entry.MessageId).Distinct().Count());
        await using var context = OpenContext();
        var rows = await context.QueuedMessages.OrderBy(row => row.SessionKey).ThenBy(row => row.RunSequence).ThenBy(row => row.Sequence).ToListAsync();
        rows.Select(row => (row.SessionKey, row.Sequence, row.Topic, row.Size, (int)row.Qos)).ShouldBe(
            expected.SelectMany(queue => queue.Values).Select(entry => (entry.Session, entry.Sequence, MessageOf(entry).TopicText, MessageOf(entry).Size, (int)entry.QoS)));
    }

    private ApplicationMessage MessageOf(EntryQueued entry) => messages[entry.Sequence * Sessions + entry.Session - 1];
}
