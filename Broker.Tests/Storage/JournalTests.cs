using System.Threading.Channels;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Tests.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Storage;

/// <summary>Group commit: while one transaction runs, the next batch gathers; who waits is told after the commit, in the order of appending.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly GatedStore store = new();
    private readonly Journal journal;

    public JournalTests()
    {
        store.Close();
        journal = new Journal(store, 1 << 20, NullLogger<Journal>.Instance);
        journal.Start(0);
    }

    public void Dispose()
    {
        store.Open();
        journal.Dispose();
    }

    [Fact]
    public async Task What_gathers_while_a_transaction_runs_is_committed_together_in_its_order()
    {
        journal.Append(Change(1));
        var first = await store.NextAsync();
        first.Changes.ShouldBe([Change(1)]);
        journal.Append(Change(2));
        journal.Append(Unit(null, 0, Change(3), Change(4)));
        var last = journal.CommitAsync(Change(5), Change(6));
        first.Commit();
        var second = await store.NextAsync();
        second.Changes.ShouldBe([Change(2), Change(3), Change(4), Change(5), Change(6)]);
        last.IsCompleted.ShouldBeFalse();
        second.Commit();
        await last;
        store.Committed.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Who_waits_is_told_after_the_commit_and_in_order()
    {
        var observer = new Observer();
        journal.Append(Unit(observer, 1, Change(1)));
        var first = await store.NextAsync();
        journal.Append(Unit(observer, 2, Change(2)));
        journal.Append(Unit(observer, 3)); // shares the commit of what went before
        observer.Told.TryRead(out _).ShouldBeFalse();
        first.Commit();
        (await observer.Told.ReadAsync()).ShouldBe("1");
        (await observer.Told.ReadAsync()).ShouldBe("all");
        var second = await store.NextAsync();
        observer.Told.TryRead(out _).ShouldBeFalse();
        second.Commit();
        foreach (string told in new[] { "2", "3", "all" }) (await observer.Told.ReadAsync()).ShouldBe(told);
    }

    [Fact]
    public async Task A_message_that_was_acknowledged_before_its_batch_was_cut_is_not_written_and_everything_else_is()
    {
        journal.Append(Change(1));
        var first = await store.NextAsync();
        var message = RetainedMessagesTests.Message("a");
        var entry = new EntryQueued(7, 1, message, QualityOfService.AtLeastOnce, false, [], null);
        var retained = new RetainedStored(1, message, 0);
        var observer = new Observer();
        var unit = Unit(observer, 1, retained, entry, new IdentifierSeen(7, 5));
        journal.Append(unit);
        entry.TryElide().ShouldBeTrue();
        unit.IsElided.ShouldBeFalse();
        first.Commit();
        var second = await store.NextAsync();
        second.Changes.ShouldBe([retained, new IdentifierSeen(7, 5)]);
        second.Commit();
        (await observer.Told.ReadAsync()).ShouldBe("1");
    }

    [Fact]
    public async Task Where_everything_was_elided_there_is_no_transaction_but_who_waits_is_told()
    {
        journal.Append(Change(1));
        var first = await store.NextAsync();
        var entry = Entry(1);
        entry.TryElide().ShouldBeTrue();
        var observer = new Observer();
        journal.Append(Unit(observer, 1, entry));
        first.Commit();
        (await observer.Told.ReadAsync()).ShouldBe("1");
        store.Committed.ShouldBe([Change(1)]);
    }

    [Fact]
    public async Task What_all_receivers_have_acknowledged_is_told_though_the_store_is_busy_and_only_once()
    {
        journal.Append(Change(1));
        var first = await store.NextAsync();
        var observer = new Observer();
        var (one, other) = (Entry(1), Entry(2));
        var unit = Unit(observer, 1, one, other);
        journal.Append(unit);
        one.TryElide().ShouldBeTrue();
        unit.IsElided.ShouldBeFalse();
        other.TryElide().ShouldBeTrue();
        unit.IsElided.ShouldBeTrue();
        journal.TellElided([unit]);
        journal.TellElided([unit]);
        (await observer.Told.ReadAsync()).ShouldBe("1");
        (await observer.Told.ReadAsync()).ShouldBe("all");
        var last = journal.CommitAsync(Change(2));
        first.Commit();
        (await store.NextAsync()).Commit();
        await last;
        observer.Told.TryRead(out _).ShouldBeFalse();
        store.Committed.ShouldBe([Change(1), Change(2)]);
    }

    [Fact]
    public async Task What_the_journal_has_taken_is_told_by_nobody_else()
    {
        var observer = new Observer();
        var unit = Unit(observer, 1, Entry(1));
        journal.Append(unit);
        var taken = await store.NextAsync();
        journal.TellElided([unit]);
        observer.Told.TryRead(out _).ShouldBeFalse();
        taken.Commit();
        (await observer.Told.ReadAsync()).ShouldBe("1");
    }

    [Fact]
    public async Task Receivers_that_are_quicker_than_the_publisher_leave_nobody_untold()
    {
        const int count = 20_000;
        using var patient = Patient(TimeSpan.FromHours(1), pendingBytes: 1 << 30);
        var told = new Tally(count);
        var entries = Enumerable.Range(0, count).Select(i => Entry(i, isAwaited: true)).ToArray();
        int next = -1;
        var receiver = Task.Run(() =>
        {
            for (int i = 0; i < count; i++)
            {
                while (Volatile.Read(ref next) < i) Thread.SpinWait(1);
                var unit = entries[i].Unit;
                if (entries[i].TryElide() && unit is { IsElided: true }) patient.TellElided([unit]);
            }
        });
        for (int i = 0; i < count; i++)
        {
            var unit = Unit(told, i, entries[i]);
            Volatile.Write(ref next, i);
            patient.Append(unit);
            if (unit.IsElided) patient.TellElided([unit]);
        }
        await receiver;
        await patient.CommitAsync(Change(1));
        told.Times.ShouldAllBe(times => times == 1);
        store.Committed.ShouldBe([Change(1)]);
    }

    [Fact]
    public async Task An_outage_that_deleting_leftovers_met_ends_when_they_can_be_deleted()
    {
        store.SweepFails = new StoreUnavailableException("the disk is full");
        using var other = Patient(TimeSpan.FromHours(1));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (other.Trouble is null) await Task.Delay(TimeSpan.FromMilliseconds(2), deadline.Token);
        var accepting = new TaskCompletionSource();
        other.WhenAccepting(accepting.SetResult);
        store.SweepFails = null;
        await accepting.Task.WaitAsync(deadline.Token);
        other.Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task What_is_likely_to_be_acknowledged_waits_until_something_cannot_wait_and_is_written_before_it()
    {
        using var patient = Patient(TimeSpan.FromHours(1));
        var (early, late) = (Entry(1, isAwaited: true), Entry(2, isAwaited: true));
        patient.Append(early);
        patient.Append(new EntrySettled(8, 1));
        await patient.CommitAsync(Change(1));
        patient.Append(late);
        store.Committed.Select(change => change.GetType()).ShouldBe([typeof(EntryQueued), typeof(EntrySettled), typeof(SessionDiscarded)]);
        store.Committed[0].ShouldBe(early);
    }

    [Fact]
    public void What_was_acknowledged_before_it_was_appended_counts_as_acknowledged()
    {
        var entry = Entry(1, isAwaited: true);
        entry.TryElide().ShouldBeTrue();
        var unit = Unit(new Observer(), 1, entry);
        journal.Append(unit);
        unit.IsElided.ShouldBeTrue();
    }

    [Fact]
    public async Task What_cannot_wait_never_does_whatever_else_is_appended()
    {
        using var patient = Patient(TimeSpan.FromHours(1), pendingBytes: 1 << 30);
        using var done = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            for (int i = 0; !done.IsCancellationRequested && i < 200_000; i++) patient.Append(Entry(i, isAwaited: true));
        });
        var urgent = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 10_000; i++) await patient.CommitAsync(Change(i));
        }));
        await Task.WhenAll(urgent).WaitAsync(TimeSpan.FromSeconds(60));
        await done.CancelAsync();
        await others;
    }

    [Fact]
    public async Task Nothing_waits_for_longer_than_the_journal_has_patience()
    {
        using var patient = Patient(TimeSpan.FromMilliseconds(1));
        var entry = Entry(1, isAwaited: true);
        patient.Append(entry);
        (await store.CommittedAsync(change => change == entry)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Nothing_waits_when_much_has_gathered()
    {
        using var patient = Patient(TimeSpan.FromHours(1));
        var message = new ApplicationMessage(new Publication { Topic = "a"u8, Payload = new byte[600_000], ExpiresAt = ApplicationMessage.Never });
        var entry = new EntryQueued(7, 1, message, QualityOfService.AtLeastOnce, false, [], null) { IsAwaited = true };
        patient.Append(entry);
        (await store.CommittedAsync(change => change == entry)).ShouldHaveSingleItem();
    }

    [Fact]
    public void What_waits_at_the_end_is_written()
    {
        var patient = Patient(TimeSpan.FromHours(1));
        var entry = Entry(1, isAwaited: true);
        patient.Append(entry);
        patient.Dispose();
        store.Committed.ShouldBe([entry]);
    }

    [Fact]
    public async Task A_batch_that_meets_an_outage_is_offered_again_unchanged_and_nobody_is_told_before()
    {
        var entry = Entry(1);
        var observer = new Observer();
        journal.Append(Unit(observer, 1, entry, Change(1)));
        var failing = await store.NextAsync();
        entry.TryElide().ShouldBeFalse(); // too late: the outcome of the first attempt might be unknown
        journal.Append(Change(2));
        failing.Fail(new StoreUnavailableException("the disk is full"));
        var again = await store.NextAsync();
        again.Changes.ShouldBe([entry, Change(1)]);
        observer.Told.TryRead(out _).ShouldBeFalse();
        again.Commit();
        (await observer.Told.ReadAsync()).ShouldBe("1");
        (await store.NextAsync()).Changes.ShouldBe([Change(2)]);
    }

    [Fact]
    public async Task An_observer_that_fails_keeps_no_other_from_being_told_nor_the_next_batch_from_being_written()
    {
        var observer = new Observer();
        var unit = Unit(new FailingObserver(), 1, Change(1));
        unit.Observers.Add((observer, 2));
        journal.Append(unit);
        (await store.NextAsync()).Commit();
        (await observer.Told.ReadAsync()).ShouldBe("2");
        (await observer.Told.ReadAsync()).ShouldBe("all");
        journal.Append(Change(2));
        (await store.NextAsync()).Changes.ShouldBe([Change(2)]);
    }

    [Fact]
    public async Task At_the_end_what_has_gathered_is_written_and_what_comes_later_does_no_harm()
    {
        journal.Append(Change(1));
        var first = await store.NextAsync();
        journal.Append(Change(2));
        var last = journal.CommitAsync(Change(3));
        var ending = Task.Run(journal.Dispose);
        store.Open();
        await ending;
        await last;
        store.Committed.ShouldBe([Change(1), Change(2), Change(3)]);
        journal.Append(Change(4));
        journal.Append(Unit(new Observer(), 1, Change(5)));
        first.Changes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_durable_store_everything_counts_as_committed_at_once()
    {
        using var memory = new Journal(new InMemoryStore(), 1 << 20, NullLogger<Journal>.Instance);
        memory.IsDurable.ShouldBeFalse();
        memory.Append(Change(1));
        await memory.CommitAsync(Change(2));
    }

    private Journal Patient(TimeSpan patience, long pendingBytes = 1 << 20)
    {
        store.Open();
        var patient = new Journal(store, pendingBytes, NullLogger<Journal>.Instance) { PatienceBounds = (patience, patience) };
        patient.Start(0);
        return patient;
    }

    private static EntryQueued Entry(int sequence, bool isAwaited = false) =>
        new(7, sequence, RetainedMessagesTests.Message("a"), QualityOfService.AtLeastOnce, false, [], null) { IsAwaited = isAwaited };

    private static SessionDiscarded Change(long number) => new(number, 0);

    private static JournalUnit Unit(ICommitObserver? observer, long ticket, params StoreChange[] changes)
    {
        var unit = new JournalUnit();
        unit.Changes.AddRange(changes);
        if (observer is not null) unit.Observers.Add((observer, ticket));
        return unit;
    }

    private sealed class Observer : ICommitObserver
    {
        private readonly Channel<string> told = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Told => told.Reader;

        public void Committed(long ticket) => told.Writer.TryWrite($"{ticket}");

        public void Refused(long ticket) => told.Writer.TryWrite($"{ticket} refused");

        public void BatchCommitted() => told.Writer.TryWrite("all");
    }

    private sealed class Tally(int count) : ICommitObserver
    {
        public int[] Times { get; } = new int[count];

        public void Committed(long ticket) => Interlocked.Increment(ref Times[ticket]);

        public void Refused(long ticket)
        {
        }

        public void BatchCommitted()
        {
        }
    }

    private sealed class FailingObserver : ICommitObserver
    {
        public void Committed(long ticket) => throw new IOException("told");

        public void Refused(long ticket) => throw new IOException("refused");

        public void BatchCommitted() => throw new IOException("all told");
    }
}
