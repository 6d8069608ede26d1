using System.Collections.Concurrent;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Microsoft.Data.Sqlite;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Readers for any thread: as many as read at once, of which a few are kept.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private const int Kept = 4;
    private readonly ConcurrentBag<SqliteReader> idle = [];
    private readonly MessagesRead messages = new();

    /// <summary>Reads with one of them.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be read now.</exception>
    public T Read<T>(Func<SqliteReader, T> read)
    {
        SqliteReader? reader = null;
        try
        {
            if (!idle.TryTake(out reader)) reader = new SqliteReader(path, messages);
            var result = read(reader);
            if (idle.Count < Kept) idle.Add(reader);
            else reader.Dispose();
            return result;
        }
        catch (SqliteException outage) when (outage.IsOutage())
        {
            reader?.Dispose(); // the next one begins anew
            throw outage.ToUnavailable(path);
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var reader)) reader.Dispose();
    }
}
