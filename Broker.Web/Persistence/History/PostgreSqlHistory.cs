using Broker.Web.Persistence.History.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Web.Persistence.History;

/// <summary>
/// History in the broker's PostgreSQL database, through connections of its own. Its few commits wait for the disk as any do: the broker can outlive a crash of
/// the server, and what was written as the end of a connection must not come back as one that lasts.
/// </summary>
internal sealed class PostgreSqlHistory : HistoryStore
{
    private const int ConnectSeconds = 5;

    private readonly NpgsqlDataSource source;
    private readonly DbContextOptions<PostgreSqlHistoryDbContext> options;

    /// <param name="connectionString">How the database is reached.</param>
    /// <param name="place">Where it is, in words without a password.</param>
    public PostgreSqlHistory(string connectionString, string place)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "Broker history",
            MaxPoolSize = 4,
            Timeout = ConnectSeconds,
            CommandTimeout = 10,
        };
        source = NpgsqlDataSource.Create(settings);
        options = new DbContextOptionsBuilder<PostgreSqlHistoryDbContext>()
            .UseNpgsql(source, postgres => postgres.MigrationsHistoryTable(HistoryDbContext.MigrationsTable)).AddInterceptors(new BoundedOpening(BoundedOpening.Patience(ConnectSeconds))).Options;
        Place = place;
    }

    /// <inheritdoc/>
    public override string Place { get; }

    /// <inheritdoc/>
    public override HistoryDbContext CreateContext() => new PostgreSqlHistoryDbContext(options);

    /// <inheritdoc/>
    public override bool IsRefusal(Exception failure) => failure is PostgresException { SqlState: ['2', '2' or '3', ..] }; // data exceptions and violated constraints

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => source.DisposeAsync();

    /// <inheritdoc/>
    protected override Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task WriteRowsAsync(HistoryBatch batch, CancellationToken cancellation)
    {
        await using var context = CreateContext();
        await context.Database.OpenConnectionAsync(cancellation);
        await using var work = ((NpgsqlConnection)context.Database.GetDbConnection()).CreateBatch(); // one round trip and, as it has no BEGIN, one transaction
        new UnnestedRows<ClientPresenceRow>(batch.Presence)
            .Add(NpgsqlDbType.Bigint, row => row.ClientKey)
            .Add<DateTime?>(NpgsqlDbType.TimestampTz, row => row.ConnectedAt, row => row.DisconnectedAt)
            .Add(NpgsqlDbType.Bigint, Figures)
            .Add(NpgsqlDbType.Smallint, row => row.ReasonCode)
            .Add(NpgsqlDbType.Text, row => row.EndedBy, row => row.Reason, row => row.ClientIdentifier, row => row.UserName, row => row.Address, row => row.Listener, row => row.Protocol)
            .AddTo(work, rows => HistorySql.SetPresence($"SELECT * FROM {rows}"));
        new UnnestedRows<ClientPresenceRow>(batch.Traffic)
            .Add(NpgsqlDbType.Bigint, row => row.ClientKey)
            .Add(NpgsqlDbType.TimestampTz, row => row.ConnectedAt)
            .Add(NpgsqlDbType.Bigint, Figures)
            .AddTo(work, rows => HistorySql.SetTraffic("c3, c4, c5, c6, c7, c8", $"FROM {rows}", "client_key = c1 AND connected_at = c2"));
        new UnnestedRows<ClientEventRow>(batch.Events)
            .Add(NpgsqlDbType.Bigint, row => row.Id)
            .Add(NpgsqlDbType.TimestampTz, row => row.At)
            .Add<long?>(NpgsqlDbType.Bigint, row => row.ClientKey, row => row.Count)
            .Add(NpgsqlDbType.Smallint, row => row.ReasonCode)
            .Add(NpgsqlDbType.Text, row => row.Kind, row => row.EndedBy, row => row.ClientIdentifier, row => row.Address, row => row.Detail)
            .AddTo(work, rows => HistorySql.AddEvents($"SELECT * FROM {rows}"));
        new UnnestedRows<StatisticRow>(batch.Statistics)
            .Add(NpgsqlDbType.Text, row => row.Name)
            .Add(NpgsqlDbType.Smallint, row => row.Resolution)
            .Add(NpgsqlDbType.TimestampTz, row => row.At)
            .Add(NpgsqlDbType.Double, row => row.Value)
            .AddTo(work, rows => HistorySql.AddStatistics($"SELECT * FROM {rows}"));
        await work.ExecuteNonQueryAsync(cancellation);
    }

    private static readonly Func<ClientPresenceRow, long>[] Figures =
    [
        row => row.PacketsReceived, row => row.PacketsSent, row => row.PublishReceived, row => row.PublishSent, row => row.BytesReceived, row => row.BytesSent,
    ];
}
