using System.Data;
using Broker.Web.Persistence;
using Broker.Web.Persistence.History;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Broker.Tests.Persistence;

/// <summary>A context whose server takes a connection and says nothing.</summary>
public sealed class BoundedOpeningTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_an_outage_and_the_connection_is_closed_when_it_opens_after_all(bool isSync)
    {
        var connection = new SilentConnection();
        var options = new DbContextOptionsBuilder<SqliteHistoryDbContext>().UseSqlite(connection, contextOwnsConnection: true).AddInterceptors(new BoundedOpening(TimeSpan.FromMilliseconds(1))).Options;
        await using (var context = new SqliteHistoryDbContext(options))
        {
            if (isSync) Should.Throw<NpgsqlException>(() => context.Events.Count()).Message.ShouldContain("says nothing");
            else (await Should.ThrowAsync<NpgsqlException>(() => context.Events.CountAsync())).Message.ShouldContain("says nothing");
        }
        connection.IsDisposed.Task.IsCompleted.ShouldBeFalse();

        connection.Opening.SetResult();
        await connection.IsDisposed.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task One_that_opens_in_time_is_used_and_closed_with_its_context()
    {
        var connection = new SilentConnection();
        connection.Opening.SetResult();
        var options = new DbContextOptionsBuilder<SqliteHistoryDbContext>().UseSqlite(connection, contextOwnsConnection: true).AddInterceptors(new BoundedOpening(TimeSpan.FromSeconds(60))).Options;
        await using (var context = new SqliteHistoryDbContext(options))
            (await context.Database.SqlQuery<int>($"SELECT 1 AS Value").SingleAsync()).ShouldBe(1);

        connection.IsDisposed.Task.IsCompleted.ShouldBeTrue();
    }

    // Like one of Npgsql's: it cannot be closed while it is being opened.
    private sealed class SilentConnection() : SqliteConnection("Data Source=:memory:")
    {
        private bool isOpening;

        public TaskCompletionSource Opening { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource IsDisposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ConnectionState State => isOpening ? ConnectionState.Connecting : base.State;

        public override async Task OpenAsync(CancellationToken cancellationToken)
        {
            isOpening = true;
            await Opening.Task;
            isOpening = false;
            Open();
        }

        protected override void Dispose(bool disposing)
        {
            if (isOpening) throw new InvalidOperationException("Can't close, connection is in state Connecting");
            base.Dispose(disposing);
            if (disposing) IsDisposed.TrySetResult();
        }
    }
}
