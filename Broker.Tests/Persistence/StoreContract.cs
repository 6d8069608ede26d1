using Broker.Core;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Persistence;

/// <summary>A database of a test's own; what it takes up goes when it is disposed of.</summary>
internal interface IStoreDatabase : IDisposable
{
    /// <summary>A store on it that is not opened.</summary>
    IBrokerStore Create(StorageOptions options);

    /// <summary>Its tables.</summary>
    BrokerDbContext OpenContext();
}

/// <summary>What every test of a store does with a database of its own. For each kind of database a class derives from the test classes.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    /// <summary>2026-01-31 12:00:00.125 UTC.</summary>
    protected const long Noon = 1_769_860_800_125;

    private readonly List<IBrokerStore> opened = [];
    private readonly Func<Task<IStoreDatabase>> make;
    private long lastBatch;

    private protected StoreContract(Func<Task<IStoreDatabase>> make) => this.make = make;

    /// <summary>The test's database.</summary>
    private protected IStoreDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync() => Database = await make();

    public virtual Task DisposeAsync()
    {
        foreach (var store in opened) store.Dispose();
        Database.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>A store on the test's database that is not opened.</summary>
    protected IBrokerStore Create(StorageOptions options) => Database.Create(options);

    /// <summary>The tables of the test's database.</summary>
    private protected BrokerDbContext OpenContext() => Database.OpenContext();

    protected static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    protected async Task<(IBrokerStore Store, StoredState State)> OpenAsync(StorageOptions? options = null)
    {
        var store = Create(options ?? new StorageOptions());
        opened.Add(store);
        return (store, await store.OpenAsync(_ => { }, Patience));
    }

    /// <summary>Ends the store and opens the database anew.</summary>
    protected async Task<(IBrokerStore Store, StoredState State)> ReopenAsync(IBrokerStore store, StorageOptions? options = null)
    {
        store.Dispose();
        return await OpenAsync(options);
    }

    protected StoreBatch Batch(params StoreChange[] changes) => new(++lastBatch, changes);

    protected void Commit(IBrokerStore store, params StoreChange[] changes) => store.Commit(Batch(changes));

    /// <summary>How many rows the tables have that hold sessions and what belongs to them.</summary>
    protected async Task<int> CountRowsAsync()
    {
        await using var context = OpenContext();
        return await context.Sessions.CountAsync() + await context.Subscriptions.CountAsync() + await context.QueueEntries.CountAsync()
            + await context.Messages.CountAsync() + await context.InboundIdentifiers.CountAsync() + await context.Wills.CountAsync();
    }

    protected async Task<int> CountMessagesAsync()
    {
        await using var context = OpenContext();
        return await context.Messages.CountAsync();
    }

    protected static SessionStored Session(long key, int receiveMaximum = 10) => new(key, $"client {key}", null, 3_600, receiveMaximum, Noon);

    internal static ApplicationMessage Message(string topic, string payload = "", long expiresAt = ApplicationMessage.Never, string properties = "", bool retain = false) =>
        new(new Publication
        {
            Topic = System.Text.Encoding.UTF8.GetBytes(topic),
            Payload = System.Text.Encoding.UTF8.GetBytes(payload),
            Properties = System.Text.Encoding.UTF8.GetBytes(properties),
            QoS = QualityOfService.ExactlyOnce,
            Retain = retain,
            ExpiresAt = expiresAt,
            Publisher = "püblisher",
        });

    protected static EntryQueued Entry(long session, long sequence, ApplicationMessage message, long messageId = 0) =>
        new(session, sequence, message, QualityOfService.AtLeastOnce, false, [], null) { MessageId = messageId };

    protected static IReadOnlyList<StoredEntry> ReadAll(IBrokerStore store, long session) => store.ReadEntries(session, 1, long.MaxValue, int.MaxValue, int.MaxValue);

    /// <summary>Everything that a message holds, as one text to compare.</summary>
    protected static string Show(ApplicationMessage? message) => message is null ? "none"
        : $"{message.TopicText} {Convert.ToHexString(message.Properties)} {Convert.ToHexString(message.Payload)} {message.QoS} {message.Retain} {message.ExpiresAt} {message.Publisher}";
}
