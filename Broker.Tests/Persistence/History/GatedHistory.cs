using Broker.Web.Persistence.History;

namespace Broker.Tests.Persistence.History;

/// <summary>A history whose database is away as long as the test says so.</summary>
internal sealed class GatedHistory(HistoryStore store) : HistoryStore
{
    /// <summary>Whether the database is away.</summary>
    public bool IsAway { get; set; }

    public override string Place => store.Place;

    public override HistoryDbContext CreateContext() => IsAway ? throw new IOException("it is away") : store.CreateContext();

    public override bool IsRefusal(Exception failure) => store.IsRefusal(failure);

    public override ValueTask DisposeAsync() => store.DisposeAsync();

    // Opening uses no context before this, so that the inner store is prepared by itself.
    protected override async Task PrepareAsync(CancellationToken cancellation)
    {
        if (IsAway) throw new IOException("it is away");
        await store.OpenAsync(DateTime.UnixEpoch, first: false, cancellation);
    }

    protected override Task WriteRowsAsync(HistoryBatch batch, CancellationToken cancellation) =>
        IsAway ? throw new IOException("it is away") : store.WriteAsync(batch, cancellation);
}
