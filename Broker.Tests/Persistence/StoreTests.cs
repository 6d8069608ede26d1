using Broker.Core;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence;

/// <summary>What is written is there when the store is opened again, and of several changes of one row the last one counts.</summary>
public abstract class StoreTests : StoreContract
{
    private protected StoreTests(Func<Task<IStoreDatabase>> make) : base(make)
    {
    }

    [Fact]
    public async Task A_session_comes_back_with_all_that_belongs_to_it()
    {
        var (store, empty) = await OpenAsync();
        empty.Sessions.ShouldBeEmpty();
        empty.LastSession.ShouldBe(0);
        var will = Message("wills/ü", "gone", properties: "\u0001\u0001");
        Commit(store,
            new SessionStored(7, "kitchen/ü", "anna", 0xFFFFFFFF, 20, Noon),
            new SubscriptionStored(7, 1, "$share/group/a/+", new SubscriptionOptions(QualityOfService.ExactlyOnce, true, true, 2), 268_435_455),
            new SubscriptionStored(7, 2, "b/#", new SubscriptionOptions(QualityOfService.AtLeastOnce), 0),
            new IdentifierSeen(7, 65_535), new IdentifierSeen(7, 1),
            new WillStored(7, will, 0xFFFFFFFF, 60));
        Commit(store, new SessionDetached(7, 3_600, Noon + 1, 41));

        var (_, state) = await ReopenAsync(store);
        var session = state.Sessions.ShouldHaveSingleItem();
        (session.Key, session.ClientIdentifier, session.UserName, session.ExpiryInterval).ShouldBe((7, "kitchen/ü", "anna", 3_600u));
        (session.DetachedAt, session.HighestSent, session.Entries).ShouldBe((Noon + 1, 41, 0));
        session.Subscriptions.ShouldBe(
        [
            new StoredSubscription(1, "$share/group/a/+", new SubscriptionOptions(QualityOfService.ExactlyOnce, true, true, 2), 268_435_455),
            new StoredSubscription(2, "b/#", new SubscriptionOptions(QualityOfService.AtLeastOnce), 0),
        ], ignoreOrder: true);
        session.Identifiers.Order().ShouldBe(new ushort[] { 1, 65_535 });
        (session.Will!.DelayInterval, session.Will.ExpiryInterval, Show(session.Will.Message)).ShouldBe((0xFFFFFFFF, 60u, Show(will)));
        state.LastSession.ShouldBe(7);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)] // so many are written in another way on PostgreSQL
    public async Task Entries_come_back_whole_and_in_their_order(int others)
    {
        var (store, _) = await OpenAsync();
        var alone = Message("a", "one", Noon + 60_000, "\u0001\u0001", retain: true);
        var together = Message("b/ü", new string('x', 100_000));
        Commit(store, [Session(1), Session(2),
            new EntryQueued(1, 3, alone, QualityOfService.ExactlyOnce, true, [1, 268_435_455], "$share/g/a"),
            Entry(1, 2, together, 9), Entry(2, 1, together, 9), Entry(1, 4, Message("empty")),
            .. Enumerable.Range(10, others).Select(sequence => Entry(2, sequence, Message("c")))]);
        ReadAll(store, 2).Select(entry => (int)entry.Sequence).ShouldBe([1, .. Enumerable.Range(10, others)]);
        Commit(store, new EntryReleased(1, 3));

        for (int opening = 1; opening <= 2; opening++)
        {
            var entries = ReadAll(store, 1);
            entries.Select(entry => (entry.Sequence, Show(entry.Message))).ShouldBe([(2, Show(together)), (3, Show(alone)), (4, Show(Message("empty")))]);
            (entries[1].QoS, entries[1].Retain, entries[1].ShareFilter, entries[1].IsReleased).ShouldBe((QualityOfService.ExactlyOnce, true, "$share/g/a", true));
            entries[1].Identifiers.ShouldBe([1, 268_435_455]);
            (entries[0].QoS, entries[0].Retain, entries[0].ShareFilter, entries[0].IsReleased).ShouldBe((QualityOfService.AtLeastOnce, false, null, false));
            entries[0].Identifiers.ShouldBeEmpty();
            if (opening == 1) (store, _) = await ReopenAsync(store);
        }
    }

    [Fact]
    public async Task What_a_session_has_waiting_is_summed_up()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), Session(2), Entry(1, -5, Message("beside", "123")), Entry(1, 11, Message("a", "1")), Entry(1, 13, Message("a", "22"), 4), Entry(2, 1, Message("b"), 4),
            Entry(1, 12, Message("a", "333")) with { ShareFilter = "$share/g/a" }, new SessionDetached(1, 60, Noon, 12));

        var (_, state) = await ReopenAsync(store);
        var session = state.Sessions.Single(session => session.Key == 1);
        (session.Entries, session.EntryBytes, session.FirstSequence, session.LastSequence, session.SharedEntries, session.LowestBeside).ShouldBe((3, 9, 11, 13, 1, -5));
        session.HighestSent.ShouldBe(12);
        state.LastMessage.ShouldBe(4);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 30)]
    [InlineData(4, 40)]
    [InlineData(10, 40)]
    public async Task Of_a_session_that_was_connected_to_the_end_as_many_entries_count_as_sent_as_its_client_took_at_once(int receiveMaximum, long sent)
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1, receiveMaximum), Entry(1, -1, Message("beside")), Entry(1, 10, Message("a")), Entry(1, 20, Message("a")), Entry(1, 30, Message("a")), Entry(1, 40, Message("a")));

        var (_, state) = await ReopenAsync(store);
        state.Sessions[0].DetachedAt.ShouldBeNull();
        state.Sessions[0].HighestSent.ShouldBe(sent);
    }

    [Fact]
    public async Task What_came_and_went_within_a_batch_is_not_written()
    {
        var (store, _) = await OpenAsync();
        var message = Message("a");
        Commit(store, Session(1), Session(2), Entry(1, 1, message, 5), Entry(2, 1, message, 5), new EntryReleased(1, 1), new EntrySettled(1, 1), new EntrySettled(2, 1),
            new IdentifierSeen(1, 9), new IdentifierForgotten(1, 9), new WillStored(1, message, 0, null), new WillRemoved(1),
            new SubscriptionStored(1, 1, "a", default, 0), new SubscriptionRemoved(1, 1), new RetainedStored(1, message, Noon), new RetainedCleared(1));

        (await CountRowsAsync()).ShouldBe(2); // the sessions
        (await ReopenAsync(store)).State.Retained.ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_several_changes_of_a_row_the_last_one_counts()
    {
        var (store, _) = await OpenAsync();
        Commit(store, new IdentifierSeen(1, 9), new IdentifierForgotten(1, 9), new IdentifierSeen(1, 9),
            new WillStored(1, Message("first"), 0, null), new WillRemoved(1), new WillStored(1, Message("second"), 1, null),
            new SubscriptionStored(1, 1, "first", default, 0), new SubscriptionRemoved(1, 1), new SubscriptionStored(1, 1, "second", default, 0),
            new RetainedStored(1, Message("first"), Noon), new RetainedCleared(1), new RetainedStored(1, Message("second"), Noon),
            new SessionStored(1, "first", "anna", 1, 1, Noon), new SessionDetached(1, 60, Noon + 1, 5), new SessionStored(1, "second", null, 2, 2, Noon + 2));
        Commit(store, new SubscriptionStored(1, 1, "third", default, 7), new RetainedStored(1, Message("third"), Noon), new WillStored(1, Message("third"), 2, null),
            new SessionDetached(1, 61, Noon + 3, 4), Session(1), new SessionDetached(1, 62, Noon + 4, 3));

        var (_, state) = await ReopenAsync(store);
        var session = state.Sessions.ShouldHaveSingleItem();
        (session.ClientIdentifier, session.UserName, session.ExpiryInterval, session.DetachedAt, session.HighestSent).ShouldBe(("client 1", null, 62u, Noon + 4, 5));
        session.Identifiers.ShouldBe(new ushort[] { 9 });
        session.Will!.Message.TopicText.ShouldBe("third");
        session.Subscriptions.ShouldBe([new StoredSubscription(1, "third", default, 7)]);
        state.Retained.ShouldHaveSingleItem().Message.TopicText.ShouldBe("third");
        await using var context = OpenContext();
        (await context.Sessions.SingleAsync()).ShouldSatisfyAllConditions(
            row => row.CreatedAt.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(Noon).UtcDateTime),
            row => row.ConnectedAt.ShouldBe(row.CreatedAt),
            row => row.DetachedAt.ShouldBe(row.CreatedAt.AddMilliseconds(4)));
    }

    [Fact]
    public async Task A_message_goes_with_the_last_entry_that_refers_to_it()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), Session(2), Entry(1, 1, Message("a"), 5), Entry(2, 1, Message("a"), 5), Entry(1, 2, Message("b"), 6), Entry(2, 2, Message("b"), 6), Entry(1, 3, Message("alone")));
        (await CountMessagesAsync()).ShouldBe(2);
        Commit(store, new EntrySettled(1, 1), new EntrySettled(1, 2), new EntrySettled(1, 3));
        (await CountMessagesAsync()).ShouldBe(2);
        (store, _) = await ReopenAsync(store);
        Commit(store, new EntrySettled(2, 2));
        (await CountMessagesAsync()).ShouldBe(1);
        ReadAll(store, 2).ShouldHaveSingleItem().Message.TopicText.ShouldBe("a");
        Commit(store, new EntrySettled(2, 1));
        (await CountMessagesAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_entry_can_be_replaced_and_one_that_is_gone_can_be_settled_again()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), Entry(1, 1, Message("first"), 5), Entry(1, 2, Message("first"), 5));
        Commit(store, new EntrySettled(1, 1), Entry(1, 1, Message("second")), new EntrySettled(1, 2));
        Commit(store, new EntrySettled(1, 2), new EntryReleased(1, 2));

        ReadAll(store, 1).ShouldHaveSingleItem().Message.TopicText.ShouldBe("second");
        (await CountMessagesAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_taken_leaves_nothing_behind_and_the_next_one_is_taken()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), Entry(1, 1, Message("first")));
        var refusal = Should.Throw<Exception>(() => Commit(store, Entry(1, 2, Message("second"), 3), Entry(1, 3, Message("second"), 3), Entry(1, 1, Message("there already"))));
        refusal.ShouldNotBeOfType<StoreUnavailableException>();
        refusal.ShouldNotBeOfType<StoreLostException>();

        Commit(store, Entry(1, 4, Message("third")));
        ReadAll(store, 1).Select(entry => entry.Message.TopicText).ShouldBe(["first", "third"]);
        (await CountMessagesAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Reading_keeps_to_its_bounds()
    {
        var (store, _) = await OpenAsync();
        Commit(store, [Session(1), Session(2), Entry(2, 5, Message("other")), .. Enumerable.Range(1, 9).Select(n => Entry(1, n * 10, Message("t", new string('x', 99))))]);

        Read(1, 1_000, 100, 1 << 20).ShouldBe([10, 20, 30, 40, 50, 60, 70, 80, 90]);
        Read(20, 50, 100, 1 << 20).ShouldBe([20, 30, 40, 50]);
        Read(21, 1_000, 2, 1 << 20).ShouldBe([30, 40]);
        Read(1, 1_000, 100, 1).ShouldBe([10]);
        Read(1, 1_000, 100, 200).ShouldBe([10, 20]);
        Read(1, 1_000, 100, 201).ShouldBe([10, 20, 30]);
        Read(91, 1_000, 100, 1 << 20).ShouldBeEmpty();

        IEnumerable<long> Read(long from, long upTo, int most, int mostBytes) => store.ReadEntries(1, from, upTo, most, mostBytes).Select(entry => entry.Sequence);
    }

    [Fact]
    public async Task Retained_messages_come_back_in_the_order_of_their_numbers_with_payloads_up_to_the_limit()
    {
        var (store, _) = await OpenAsync();
        var messages = Enumerable.Range(1, 4).Select(n => Message($"r/{n}", new string('x', 100 * n), Noon + n, "\u0001\u0001", retain: true)).ToArray();
        Commit(store, new RetainedStored(30, messages[2], Noon), new RetainedStored(10, messages[0], Noon), new RetainedStored(40, messages[3], Noon), new RetainedStored(20, messages[1], Noon));

        var (again, all) = await ReopenAsync(store);
        all.Retained.Select(one => (one.Topic, Show(one.Message), one.PayloadLength)).ShouldBe([.. messages.Select((message, n) => (10L * (n + 1), Show(message), 100 * (n + 1)))]);

        var (limited, some) = await ReopenAsync(again, new StorageOptions { RetainedCacheBytes = 101 });
        some.Retained.Select(one => one.Message.Payload.Length).ShouldBe([100, 200, 0, 0]);
        some.Retained.Select(one => one.PayloadLength).ShouldBe([100, 200, 300, 400]);
        some.Retained.Select(one => one.Message.TopicText).ShouldBe(["r/1", "r/2", "r/3", "r/4"]);
        limited.ReadRetained([40, 41, 30]).Select(Show).ShouldBe([Show(messages[3]), "none", Show(messages[2])]);
    }

    [Fact]
    public async Task Records_of_the_audit_are_appended_in_their_order()
    {
        var (store, _) = await OpenAsync();
        var first = new AuditRecorded(Noon, "anna", "192.0.2.1", "session deleted", "kitchen/ü", "3 messages");
        var second = new AuditRecorded(Noon + 1, "configuration", null, "account added", "admin", null);
        Commit(store, Session(1), first, second);
        Commit(store, second, new SessionDiscarded(1, Noon));

        await using var context = OpenContext();
        var rows = await context.Audit.OrderBy(row => row.Id).ToListAsync();
        rows.Select(row => new AuditRecorded(new DateTimeOffset(row.At).ToUnixTimeMilliseconds(), row.Actor, row.Address, row.Action, row.Target, row.Detail)).ShouldBe([first, second, second]);
    }

    [Fact]
    public async Task A_key_that_is_used_again_stands_for_its_latest_request()
    {
        var (store, _) = await OpenAsync();
        var answer = new RequestAnswered("key/0", "hash", Noon) { Matched = 3, IsPersisted = true };
        Commit(store, answer, new RequestAnswered("key/1", "hash", Noon));
        Commit(store, answer with { Request = "other", At = Noon + 1, Matched = 4 });

        await using var context = OpenContext();
        var rows = await context.AnsweredRequests.OrderBy(row => row.Key).ToListAsync();
        rows.Select(row => (row.Key, row.Request, new DateTimeOffset(row.At).ToUnixTimeMilliseconds(), row.Matched, row.Persisted)).ShouldBe([("key/0", "other", Noon + 1, 4, true), ("key/1", "hash", Noon, 0, false)]);
    }

    [Fact]
    public async Task A_record_of_a_change_that_cannot_be_taken_is_not_kept()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), Entry(1, 1, Message("there")));
        Should.Throw<Exception>(() => Commit(store, new AuditRecorded(Noon, "anna", null, "message queued", "there", null), Entry(1, 1, Message("there already"))));

        await using var context = OpenContext();
        (await context.Audit.CountAsync()).ShouldBe(0);
    }
}
