namespace Broker.Tests.Persistence.History;

/// <summary>Tests that each have a database of their own.</summary>
public abstract class HistoryTests(HistoryDatabase database) : IAsyncLifetime
{
    /// <summary>The database.</summary>
    protected HistoryDatabase Database => database;

    /// <inheritdoc/>
    public Task InitializeAsync() => database.InitializeAsync();

    /// <inheritdoc/>
    public Task DisposeAsync() => database.DisposeAsync();
}
