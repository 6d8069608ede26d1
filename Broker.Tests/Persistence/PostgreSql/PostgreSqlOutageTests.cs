using Broker.Core.Storage;
using Broker.Tests.Testing;
using Broker.Web.Persistence.PostgreSql;

namespace Broker.Tests.Persistence.PostgreSql;

/// <summary>The server goes away, in every way it can, and comes back: nothing is told to be committed that is not, and no restart is needed.</summary>
public sealed class PostgreSqlOutageTests : StoreContract
{
    public PostgreSqlOutageTests() : base(static async () => await PostgreSqlDatabase.CreateAsync(await PostgresServer.StartNewAsync()))
    {
    }

    private new PostgreSqlDatabase Database => (PostgreSqlDatabase)base.Database;

    private PostgresServer Server => Database.Server;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Server.DisposeAsync();
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("stopped at once")]
    [InlineData("killed")]
    public async Task A_server_that_went_away_is_an_outage_until_it_is_back(string how)
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1), Entry(1, 1, Message("before")));
        ReadAll(store, 1).Count.ShouldBe(1);

        if (how == "killed") await Server.KillAsync();
        else await Server.StopAsync(immediately: how == "stopped at once");
        var batch = Batch(Entry(1, 2, Message("meanwhile")));
        for (int attempt = 0; attempt < 3; attempt++) Should.Throw<StoreUnavailableException>(() => store.Commit(batch)).Message.ShouldContain($"127.0.0.1:{Server.Port}");
        Should.Throw<StoreUnavailableException>(() => ReadAll(store, 1));
        Should.Throw<StoreUnavailableException>(() => store.ReadRetained([1]));
        await Server.StartAsync();

        CommitAgain(store, batch);
        ReadAll(store, 1).Select(entry => entry.Message.TopicText).ShouldBe(["before", "meanwhile"]);
    }

    [Fact]
    public async Task A_server_that_hangs_is_an_outage_until_it_goes_on()
    {
        using (var store = await Database.OpenAsync()) Commit(store, Session(1));

        using var impatient = await OpenImpatientAsync(seconds: 1);
        Server.Pause();
        var batch = Batch(Entry(1, 1, Message("meanwhile")));
        try
        {
            Should.Throw<StoreUnavailableException>(() => impatient.Commit(batch)).Message.ShouldContain("no answer");
            Should.Throw<StoreUnavailableException>(() => impatient.Commit(batch));
            Should.Throw<StoreUnavailableException>(() => ReadAll(impatient, 1));
        }
        finally
        {
            Server.Resume();
        }

        CommitAgain(impatient, batch);
        impatient.Dispose();
        var (patient, _) = await OpenAsync();
        ReadAll(patient, 1).ShouldHaveSingleItem().Message.TopicText.ShouldBe("meanwhile");
    }

    [Fact]
    public async Task A_connection_that_the_server_ends_is_made_anew()
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1));
        await Database.ExecuteAsync("SELECT pg_terminate_backend(backend_id) FROM store_owner");

        CommitAgain(store, Batch(Entry(1, 1, Message("after"))));
        ReadAll(store, 1).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_owner_that_lost_its_connection_to_a_standby_writes_nothing_more()
    {
        var (first, _) = await OpenAsync();
        Commit(first, Session(1));
        using var second = Database.Create();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opening = second.OpenAsync(_ => waits.TrySetResult(), Patience);
        await waits.Task.WaitAsync(Patience);
        await Database.ExecuteAsync("SELECT pg_terminate_backend(backend_id) FROM store_owner");
        await opening;

        var batch = Batch(Session(2));
        Should.Throw<StoreLostException>(() => CommitAgain(first, batch));
        second.Commit(new StoreBatch(1, [Session(3)]));
        (await CountRowsAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task A_server_that_is_absent_at_the_start_is_waited_for()
    {
        await Server.StopAsync();
        using var store = Database.Create();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var opening = store.OpenAsync(reason => told.TrySetResult(reason), Patience);
        (await told.Task.WaitAsync(Patience)).ShouldContain($"127.0.0.1:{Server.Port}");
        opening.IsCompleted.ShouldBeFalse();

        await Server.StartAsync();
        (await opening).Sessions.ShouldBeEmpty();
        Commit(store, Session(1));
    }

    [Theory]
    [InlineData("53100", "the server's disk is full")]
    [InlineData("53200", "out of")]
    [InlineData("58030", "out of")]
    [InlineData("55P03", "out of")]
    public async Task Full_disks_and_locks_pass_and_what_was_to_be_written_is_written_then(string state, string told)
    {
        var (store, _) = await OpenAsync();
        Commit(store, Session(1));
        await Database.ExecuteAsync($"""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'out of it' USING ERRCODE = '{state}'; END $$;
            CREATE TRIGGER fail BEFORE INSERT ON queue_entries EXECUTE FUNCTION fail()
            """);
        var batch = Batch(Entry(1, 1, Message("a"), 7), Entry(1, 2, Message("a"), 7), new IdentifierSeen(1, 1));
        for (int attempt = 0; attempt < 2; attempt++) Should.Throw<StoreUnavailableException>(() => store.Commit(batch)).Message.ShouldContain(told);
        (await CountRowsAsync()).ShouldBe(1);

        await Database.ExecuteAsync("DROP TRIGGER fail ON queue_entries");
        store.Commit(batch);
        (await CountRowsAsync()).ShouldBe(1 + 2 + 1 + 1);
    }

    [Fact]
    public async Task A_lock_that_somebody_holds_for_long_is_an_outage()
    {
        using (var store = await Database.OpenAsync()) Commit(store, Session(1));
        using var impatient = await OpenImpatientAsync(seconds: 4); // and half of them for a lock
        await using var other = new Npgsql.NpgsqlConnection(Database.ConnectionString + ";Pooling=false");
        await other.OpenAsync();
        await using (var locking = new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE queue_entries", other)) await locking.ExecuteNonQueryAsync();
        var batch = Batch(Entry(1, 1, Message("a")));
        Should.Throw<StoreUnavailableException>(() => impatient.Commit(batch)).Message.ShouldContain("lock");

        await other.CloseAsync();
        CommitAgain(impatient, batch);
        impatient.Dispose();
        var (patient, _) = await OpenAsync();
        ReadAll(patient, 1).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_sweep_that_a_crash_took_back_is_not_taken_for_another_transaction_that_got_its_id()
    {
        await Server.ConfigureAsync("wal_writer_delay", "10000"); // what is not committed is not written either
        using var proxy = new TcpProxy(Server.Port);
        var behind = Database with { ConnectionString = Database.ConnectionString.Replace($"Port={Server.Port};", $"Port={proxy.Port};", StringComparison.Ordinal) };
        using var store = await behind.OpenAsync();
        Commit(store, Session(1), Session(2), Entry(1, 1, Message("a"), 7), Entry(2, 1, Message("a"), 7));
        Commit(store, new SessionDiscarded(1, Noon));
        proxy.Cut(CutMoment.BeforeRequest, repliesBefore: 1);
        Should.Throw<StoreUnavailableException>(() => store.Sweep());
        proxy.Cuts.ShouldBe(1);

        await Server.KillAsync();
        await Server.StartAsync();
        for (int transaction = 0; transaction < 10; transaction++) await Database.ExecuteAsync("SELECT pg_current_xact_id()");
        CommitAgain(store, Batch(Session(3)));
        while (store.Sweep())
        {
        }
        (await CountRowsAsync()).ShouldBe(2 + 1 + 1); // two sessions, the second one's entry and its message
        Commit(store, new EntrySettled(2, 1));
        (await CountMessagesAsync()).ShouldBe(0);
    }

    // Does not wait for the ten seconds that an answer may take otherwise. All that a test does not mean to fail is done again when it takes longer.
    private Task<PostgreSqlStore> OpenImpatientAsync(int seconds) =>
        (Database with { ConnectionString = $"{Database.ConnectionString};Command Timeout={seconds}" }).OpenAsync();

    // As the journal does it.
    private static void CommitAgain(IBrokerStore store, StoreBatch batch)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                store.Commit(batch);
                return;
            }
            catch (StoreUnavailableException) when (!deadline.IsCancellationRequested)
            {
                // Once more.
            }
        }
    }
}
