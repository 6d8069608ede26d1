using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Broker.Web.Persistence;

/// <summary>
/// Lets the opening of a context's connection come to an end in any case. Npgsql tries twice within its time; where that is over just as the second attempt begins, it waits for the
/// server's first byte without end. A connection that was given up is closed when it opens after all, and until then nobody touches it.
/// </summary>
/// <param name="patience">How long opening may take: Npgsql's own time, and a moment more.</param>
internal sealed class BoundedOpening(TimeSpan patience) : DbConnectionInterceptor
{
    /// <summary>The time that Npgsql keeps to nearly always, and a moment more.</summary>
    /// <param name="timeout">Timeout of the connection string, in seconds; 0 for no end.</param>
    public static TimeSpan Patience(int timeout) => timeout == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(timeout + 5);

    /// <summary>Waits for a connection that is being opened, for so long at most.</summary>
    /// <exception cref="NpgsqlException">It took too long.</exception>
    public static async Task<TConnection> OpenedAsync<TConnection>(Task<TConnection> opening, TimeSpan patience) where TConnection : DbConnection
    {
        try
        {
            return await opening.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            _ = CloseLaterAsync(opening);
            throw new NpgsqlException("the server takes a connection and says nothing", late);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        await OpenedAsync(OpenAsync(connection, cancellationToken), patience).ConfigureAwait(false);
        return InterceptionResult.Suppress();
    }

    /// <inheritdoc/>
    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        OpenedAsync(OpenAsync(connection, CancellationToken.None), patience).GetAwaiter().GetResult();
        return InterceptionResult.Suppress();
    }

    /// <inheritdoc/>
    public override InterceptionResult ConnectionDisposing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => Kept(connection, result);

    /// <inheritdoc/>
    public override ValueTask<InterceptionResult> ConnectionDisposingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => new(Kept(connection, result));

    private static InterceptionResult Kept(DbConnection connection, InterceptionResult result) => connection.State == ConnectionState.Connecting ? InterceptionResult.Suppress() : result;

    private static async Task<DbConnection> OpenAsync(DbConnection connection, CancellationToken cancellation)
    {
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        return connection;
    }

    private static async Task CloseLaterAsync<TConnection>(Task<TConnection> opening) where TConnection : DbConnection
    {
        try
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was given up before.
        }
    }
}
