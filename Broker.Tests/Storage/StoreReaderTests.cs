using System.Threading.Channels;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Storage;

/// <summary>The store is read on a few threads, which block while they do and therefore belong to nobody else.</summary>
public sealed class StoreReaderTests
{
    private readonly BlockingStore store = new();
    private readonly ManualTime time = new();
    private readonly StoreReader reader;

    public StoreReaderTests() => reader = new StoreReader(store, time, NullLogger<StoreReader>.Instance);

    [Fact]
    public async Task No_thread_of_the_pool_waits_for_the_store()
    {
        var reads = ReadSome(2);
        for (int i = 0; i < 2; i++) (await store.NextAsync()).IsOfPool.ShouldBeFalse();
        store.Answer(2);
        await Task.WhenAll(reads);
    }

    [Fact]
    public async Task A_few_read_at_once_and_the_others_wait_for_their_turn()
    {
        var reads = ReadSome(20);
        for (int i = 0; i < StoreReader.AtOnce; i++) await store.NextAsync();
        for (int i = StoreReader.AtOnce; i < 20; i++)
        {
            store.Answer(1);
            await store.NextAsync();
        }
        store.Answer(StoreReader.AtOnce);
        await Task.WhenAll(reads);
        store.MostAtOnce.ShouldBe(StoreReader.AtOnce);
    }

    [Fact]
    public async Task A_thread_reads_again_and_again()
    {
        var threads = new HashSet<int>();
        for (int i = 0; i < 20; i++)
        {
            var read = ReadSome(1)[0];
            threads.Add((await store.NextAsync()).Thread);
            store.Answer(1);
            await read;
        }
        threads.Count.ShouldBeLessThanOrEqualTo(StoreReader.AtOnce);
    }

    [Fact]
    public async Task What_fails_is_tried_again()
    {
        store.Failures.Enqueue(new StoreUnavailableException("away"));
        store.Failures.Enqueue(new InvalidDataException("damaged"));
        var read = ReadSome(1)[0];
        store.Answer(3);
        await store.NextAsync();
        for (int i = 1; i < 3; i++)
        {
            var next = store.NextAsync();
            while (!next.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(1)); // it may not wait yet
                await Task.Yield();
            }
            await next;
        }
        (await read).ShouldNotBeNull();
    }

    [Fact]
    public async Task Nobody_reads_what_nobody_waits_for() =>
        (await reader.ReadEntriesAsync(1, 1, 9, new ReadPage(10, 10), () => false).WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeNull();

    [Fact]
    public async Task Once_it_is_disposed_of_nothing_is_tried_again()
    {
        store.Failures.Enqueue(new ObjectDisposedException("store"));
        var read = ReadSome(1)[0];
        await store.NextAsync();
        reader.Dispose();
        store.Answer(1);
        while (!read.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        (await read).ShouldBeNull();
    }

    private Task<(IReadOnlyList<StoredEntry> Entries, bool IsWhole)?>[] ReadSome(int count) =>
        [.. Enumerable.Range(1, count).Select(_ => reader.ReadEntriesAsync(1, 1, 9, new ReadPage(10, 10), () => true))];

    private sealed class BlockingStore : IBrokerStore
    {
        private readonly Channel<(int Thread, bool IsOfPool)> arrived = Channel.CreateUnbounded<(int, bool)>();
        private readonly SemaphoreSlim answers = new(0);
        private int reading, mostAtOnce;

        public Queue<Exception> Failures { get; } = new();

        public int MostAtOnce => mostAtOnce;

        public bool IsDurable => true;

        public Task<(int Thread, bool IsOfPool)> NextAsync() => arrived.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public void Answer(int count) => answers.Release(count);

        public IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes)
        {
            int now = Interlocked.Increment(ref reading);
            lock (answers) mostAtOnce = Math.Max(mostAtOnce, now);
            arrived.Writer.TryWrite((Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread));
            answers.Wait();
            Interlocked.Decrement(ref reading);
            return Failures.TryDequeue(out var failure) ? throw failure : [];
        }

        public Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation) => Task.FromResult(StoredState.Empty);

        public void Commit(StoreBatch batch)
        {
        }

        public bool Sweep() => false;

        public IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics) => [];

        public void Dispose()
        {
        }
    }
}
