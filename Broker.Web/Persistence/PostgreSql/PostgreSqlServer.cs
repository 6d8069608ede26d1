using System.Net.Sockets;
using Broker.Core.Storage;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Where the database is, how it is connected to, and what its failures mean.</summary>
internal sealed class PostgreSqlServer
{
    private const int LeastVersion = 14, ConnectSeconds = 5, AnswerSeconds = 10;

    private readonly NpgsqlConnectionStringBuilder settings;

    public PostgreSqlServer(string connectionString)
    {
        settings = new NpgsqlConnectionStringBuilder(connectionString) { Enlist = false, TcpKeepAlive = true, CancellationTimeout = -1 };
        settings.Timeout = Math.Min(settings.Timeout, ConnectSeconds);
        if (settings.CommandTimeout is 0 or > AnswerSeconds) settings.CommandTimeout = AnswerSeconds;
        settings.ApplicationName ??= "mqtt-broker";
        Name = $"PostgreSQL database \"{settings.Database ?? settings.Username}\" on {settings.Host}:{settings.Port}";
    }

    /// <summary>The database and its server, for people.</summary>
    public string Name { get; }

    /// <summary>A server that does not answer for so long is away. The connection string's Command Timeout can make it shorter.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(settings.CommandTimeout);

    private TimeSpan OpeningPatience => BoundedOpening.Patience(settings.Timeout);

    /// <summary>Opens a connection for a reader.</summary>
    /// <exception cref="NpgsqlException">The server does not let it in, or does not answer in time.</exception>
    public NpgsqlConnection Open(NpgsqlDataSource readers) => BoundedOpening.OpenedAsync(readers.OpenConnectionAsync().AsTask(), OpeningPatience).GetAwaiter().GetResult();

    /// <summary>Connections for readers; each is told what the planner has to know.</summary>
    public NpgsqlDataSource CreateReaders(int most)
    {
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = true,
            MinPoolSize = 0,
            MaxPoolSize = most,
            NoResetOnClose = true,
            MaxAutoPrepare = 8,
            AutoPrepareMinUsages = 2,
        }.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection => Session.Apply(connection, Session.Reading(Patience)), connection => Session.ApplyAsync(connection, Session.Reading(Patience), CancellationToken.None));
        return builder.Build();
    }

    /// <summary>A connection of its own, for writing.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = false,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            WriteBufferSize = 65_536,
        }.ConnectionString);
        try
        {
            await BoundedOpening.OpenedAsync(OpenAsync(connection, cancellation), OpeningPatience).ConfigureAwait(false);
            if (connection.PostgreSqlVersion.Major < LeastVersion)
                throw Refuse($"runs PostgreSQL {connection.PostgreSqlVersion}", $"Use version {LeastVersion} or newer");
            await Session.ApplyAsync(connection, Session.Always, cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        return connection;
    }

    /// <summary>Whether the same may succeed later: the connection, the server's start or end, its disk, a lock, a timeout.</summary>
    public static bool IsOutage(Exception failure) => failure switch
    {
        PostgresException refused => refused.SqlState[..2] is "08" or "53" or "57" or "58"
            || refused.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
                or PostgresErrorCodes.ReadOnlySqlTransaction or "25P03", // idle in a transaction for too long
        NpgsqlException or IOException or SocketException or TimeoutException => true,
        _ => false,
    };

    /// <summary>What an operator is told about an outage.</summary>
    public StoreUnavailableException Unavailable(Exception failure) => new($"{Name}: {Explain(failure)}.", failure);

    /// <summary>A refusal that asks for an operator, as trying again will not help.</summary>
    public StoreRefusedException Refuse(string what, string remedy, Exception? inner = null) => new($"{Name} {what}. {remedy}.", inner);

    /// <summary>The refusal that an error at the start stands for, or null if it may pass.</summary>
    public StoreRefusedException? RefusalOf(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } wrong =>
            Refuse($"does not let the user \"{settings.Username}\" in: {Trimmed(wrong)}", "Correct Username and Password in ConnectionStrings:Broker", wrong),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing =>
            Refuse("is not there", $"Create it (CREATE DATABASE \"{settings.Database}\"), or correct Database in ConnectionStrings:Broker", missing),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidSchemaName } forbidden =>
            Refuse($"does not let the user \"{settings.Username}\" do what is needed: {Trimmed(forbidden)}", "Make that user the owner of the database, grant it CREATE and USAGE on its schema, or name another in ConnectionStrings:Broker", forbidden),
        NpgsqlException { InnerException: null } missing when string.IsNullOrEmpty(settings.Password) && missing.Message.Contains("password", StringComparison.OrdinalIgnoreCase) =>
            Refuse("asks for a password", "Set Password in ConnectionStrings:Broker", missing),
        PostgresException other when !IsOutage(other) =>
            Refuse($"cannot be used: {Trimmed(other)} ({other.SqlState})", "Restore it from a backup, or name another database in ConnectionStrings:Broker", other),
        _ => null,
    };

    private string Explain(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "the server's disk is full",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "the server only lets read; it may be a replica",
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } or { InnerException: TimeoutException } => $"no answer within {Patience.TotalSeconds} s",
        PostgresException refused => $"{Trimmed(refused)} ({refused.SqlState})",
        { InnerException: { } inner } => $"{failure.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}",
        _ => failure.Message.TrimEnd('.'),
    };

    private static string Trimmed(PostgresException failure) => failure.MessageText.TrimEnd('.');
}
