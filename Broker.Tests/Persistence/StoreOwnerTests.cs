using Broker.Core;
using Broker.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence;

/// <summary>One process owns a store; what discarded sessions leave behind is swept; the schema is the model's.</summary>
public abstract class StoreOwnerTests : StoreContract
{
    private protected StoreOwnerTests(Func<Task<IStoreDatabase>> make) : base(make)
    {
    }

    [Fact]
    public async Task A_second_owner_waits_and_takes_over_when_the_first_is_gone()
    {
        var (first, _) = await OpenAsync();
        Commit(first, Session(1));
        using var second = Create(new StorageOptions());
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var opening = second.OpenAsync(reason => told.TrySetResult(reason), Patience);
        (await told.Task.WaitAsync(Patience)).ShouldContain("waiting to take over");
        opening.IsCompleted.ShouldBeFalse();
        Commit(first, Session(2));

        first.Dispose();
        (await opening).Sessions.Select(session => session.Key).ShouldBe([1, 2], ignoreOrder: true);
        second.Commit(new StoreBatch(1, [Session(3)]));
    }

    [Fact]
    public async Task Waiting_to_take_over_can_be_ended()
    {
        await OpenAsync();
        using var second = Create(new StorageOptions());
        using var ending = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => second.OpenAsync(_ => ending.Cancel(), ending.Token));
    }

    [Fact]
    public async Task Whoever_has_lost_the_store_writes_nothing_more()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), new SessionDiscarded(1, Noon));
        await SetOwnerAsync(row => row.Epoch++);

        Should.Throw<StoreLostException>(() => Commit(store, Session(2)));
        Should.Throw<StoreLostException>(() => store.Sweep());
        (await CountRowsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Each_opening_is_a_new_epoch_in_which_batches_are_counted_anew()
    {
        var (store, _) = await OpenAsync();
        store.Commit(new StoreBatch(1, [Session(1)]));
        (store, _) = await ReopenAsync(store);
        store.Commit(new StoreBatch(1, [Session(2)]));

        await using var context = OpenContext();
        var owner = await context.StoreOwner.SingleAsync();
        (owner.Epoch, owner.Batch, owner.ProcessId).ShouldBe((2, 1, Environment.ProcessId));
        (await CountRowsAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task What_discarded_sessions_leave_is_swept_bit_by_bit_and_nothing_else()
    {
        var (store, _) = await OpenAsync();
        var message = Message("a");
        for (int chunk = 0; chunk < 5; chunk++)
        {
            int start = chunk * 1_000;
            Commit(store, [.. Enumerable.Range(1, 1_000).SelectMany(n => new[] { Entry(1, start + n, message, start + n), Entry(2, start + n, message, start + n) })]);
        }
        for (long key = 1; key <= 3; key++)
        {
            Commit(store, Session(key), new SubscriptionStored(key, 1, "a", default, 0), new IdentifierSeen(key, 1), new WillStored(key, message, 0, null),
                Entry(key, 9_999, message), Entry(key, -1, message));
        }
        store.Sweep().ShouldBeFalse();
        Commit(store, new SessionDiscarded(1, Noon), new SessionDiscarded(3, Noon));

        store.Sweep().ShouldBeTrue();
        (store, var state) = await ReopenAsync(store);
        state.Sessions.ShouldHaveSingleItem().Key.ShouldBe(2);
        state.LastSession.ShouldBe(3);
        int calls = 1;
        while (store.Sweep()) calls++;
        calls.ShouldBeInRange(2, 10);
        (await CountMessagesAsync()).ShouldBe(5_000);
        (await CountRowsAsync()).ShouldBe(5_000 + 5 * 16 + 6); // messages, runs of 64 entries at most, and the rest

        Commit(store, new SessionDiscarded(2, Noon));
        while (store.Sweep())
        {
        }
        (await CountRowsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Entries_without_a_session_are_swept_after_the_next_start()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), new SessionDiscarded(1, Noon));
        store.Sweep().ShouldBeFalse();
        Commit(store, Entry(1, 1, Message("late"), 3), Entry(1, 2, Message("late"), 3));

        (store, var state) = await ReopenAsync(store);
        state.Sessions.ShouldBeEmpty();
        while (store.Sweep())
        {
        }
        (await CountRowsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_view_shows_what_waits_wherever_its_content_is_stored()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), Session(2), Entry(1, 1, Message("alone", "x")), Entry(1, 2, Message("together", "y"), 3), Entry(2, 1, Message("together", "y"), 3));
        Commit(store, new SessionDiscarded(2, Noon));

        await using var context = OpenContext();
        var rows = await context.QueuedMessages.OrderBy(row => row.Sequence).ToListAsync();
        rows.Select(row => (row.ClientIdentifier, row.Topic, row.Publisher, row.Payload[0])).ShouldBe([("client 1", "alone", "püblisher", (byte)'x'), ("client 1", "together", "püblisher", (byte)'y')]);
    }

    [Fact]
    public async Task The_migrations_make_the_schema_of_the_model()
    {
        await OpenAsync();
        await using var context = OpenContext();
        context.Database.HasPendingModelChanges().ShouldBeFalse();
        (await context.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
        // Each asks for every column of its table by the name that the model has for it.
        (await context.Sessions.ToListAsync()).ShouldBeEmpty();
        (await context.Subscriptions.ToListAsync()).ShouldBeEmpty();
        (await context.QueueEntries.ToListAsync()).ShouldBeEmpty();
        (await context.Messages.ToListAsync()).ShouldBeEmpty();
        (await context.QueuedMessages.ToListAsync()).ShouldBeEmpty();
        (await context.InboundIdentifiers.ToListAsync()).ShouldBeEmpty();
        (await context.Wills.ToListAsync()).ShouldBeEmpty();
        (await context.RetainedMessages.ToListAsync()).ShouldBeEmpty();
        (await context.StoreOwner.ToListAsync()).ShouldHaveSingleItem().Note.ShouldContain("docs/schema.md");
    }

    /// <summary>Changes the row of the owner, as nobody should.</summary>
    private protected async Task SetOwnerAsync(Action<Web.Persistence.Model.StoreOwnerRow> change)
    {
        await using var context = OpenContext();
        change(await context.StoreOwner.SingleAsync());
        await context.SaveChangesAsync();
    }
}
