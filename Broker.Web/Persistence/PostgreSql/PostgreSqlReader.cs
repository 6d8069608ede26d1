using System.Data;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Reads what is committed, from any thread, on a few connections of its own.</summary>
internal sealed class PostgreSqlReader(PostgreSqlServer server) : IDisposable
{
    private const int Connections = 8;

    // The sums go over the sizes alone: a payload is fetched only if it may be given back.
    private const string EntriesSql = """
        SELECT e.sequence, e.qos, e.retain, e.released, e.subscription_identifiers, e.share_filter, e.message_id,
               e.message_retain, e.message_qos, e.expires_at, e.publisher, e.topic, e.properties, e.payload, e.run_length
        FROM (SELECT *, sum(size) OVER so_far - size AS bytes_before, sum(least(run_length, sequence - $2 + 1)) OVER so_far - run_length AS entries_before
              FROM queue_entries WHERE session_key = $1 AND sequence >= $2 AND sequence < $3 WINDOW so_far AS (ORDER BY sequence) ORDER BY sequence LIMIT $4) e
        WHERE e.entries_before < $4 AND e.bytes_before < $5 ORDER BY e.sequence
        """;

    private const string MessagesSql = $"""
        SELECT id, retain, qos, expires_at, publisher, topic, properties, payload
        FROM (SELECT m.*, sum(bytes) OVER (ORDER BY place) - bytes AS before
              FROM (SELECT place, {MessageColumns.Bytes} AS bytes, messages.*
                    FROM unnest($1) WITH ORDINALITY AS wanted (id, place) JOIN messages USING (id)) m) counted
        WHERE before < $2
        """;

    private const string RetainedSql =
        "SELECT true, qos, expires_at, publisher, topic, properties, payload, number, publisher_user FROM retained_messages WHERE number = ANY ($1)";

    private readonly MessagesRead read = new();
    private readonly NpgsqlDataSource source = server.CreateReaders(Connections);

    public IReadOnlyList<StoredEntry> Entries(long session, long from, long upTo, int most, int mostBytes) => Read<IReadOnlyList<StoredEntry>>(connection =>
    {
        using var moment = connection.BeginTransaction(IsolationLevel.RepeatableRead); // entries and messages as they are at the same moment
        var entries = new List<StoredEntry>();
        var unread = new List<(int Entry, long Message)>();
        using (var command = new NpgsqlCommand(EntriesSql, connection))
        {
            foreach (long value in new[] { session, from, EntryRun.KeysEnd(upTo), most, mostBytes }) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
            using var row = command.ExecuteReader();
            while (entries.Count < most && row.Read()) AddRow(row, from, upTo, most, entries, unread);
        }
        if (unread.Count > 0) AddMessages(connection, entries, unread, mostBytes);
        moment.Commit();
        int count = 0;
        for (long bytes = 0; count < entries.Count && bytes < mostBytes; count++) bytes += entries[count].Message.Size;
        return count == entries.Count ? entries : entries[..count];
    });

    public IReadOnlyList<ApplicationMessage?> Retained(IReadOnlyList<long> topics) => Read(connection =>
    {
        using var command = WhereAny(connection, RetainedSql, [.. topics]);
        using var row = command.ExecuteReader();
        var found = new Dictionary<long, ApplicationMessage>();
        while (row.Read()) found[row.GetInt64(7)] = row.ReadMessage(0, row.ReadText(8));
        return topics.Select(found.GetValueOrDefault).ToArray();
    });

    public void Dispose() => source.Dispose();

    // The entries of a row that lie in the range. Where a message has to be read, its place stays empty.
    private void AddRow(NpgsqlDataReader row, long from, long upTo, int most, List<StoredEntry> entries, List<(int Entry, long Message)> unread)
    {
        long last = row.GetInt64(0), messageId = row.IsDBNull(6) ? 0 : row.GetInt64(6);
        var alike = new StoredEntry(
            last, messageId == 0 ? row.ReadMessage(7) : null!, (QualityOfService)row.GetInt16(1), row.GetBoolean(2), Texts.Split(row.ReadText(4)), row.ReadText(5), row.GetBoolean(3));
        for (long sequence = Math.Max(from, last - row.GetInt32(14) + 1); sequence <= Math.Min(last, upTo) && entries.Count < most; sequence++)
        {
            var entry = alike with { Sequence = sequence };
            if (messageId > 0)
            {
                long id = messageId - (last - sequence);
                entry = entry with { Message = read[id]! };
                if (entry.Message is null) unread.Add((entries.Count, id));
            }
            entries.Add(entry);
        }
    }

    // Reads messages in the order of the entries until they have so many bytes; the first entry whose message is not among them, and what is behind it, goes.
    private void AddMessages(NpgsqlConnection connection, List<StoredEntry> entries, List<(int Entry, long Message)> unread, int mostBytes)
    {
        using var command = WhereAny(connection, MessagesSql, [.. unread.Select(one => one.Message).Distinct()]);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mostBytes });
        using var row = command.ExecuteReader();
        var found = new Dictionary<long, ApplicationMessage>();
        long bytes = 0;
        while (row.Read())
        {
            var message = row.ReadMessage(1);
            found.Add(row.GetInt64(0), message);
            read.Add(row.GetInt64(0), message);
            bytes += message.Size;
        }
        foreach (var (entry, id) in unread)
        {
            if (found.TryGetValue(id, out var message))
            {
                entries[entry] = entries[entry] with { Message = message };
                continue;
            }
            if (bytes < mostBytes) throw MessagesRead.Missing(id);
            entries.RemoveRange(entry, entries.Count - entry);
            return;
        }
    }

    private static NpgsqlCommand WhereAny(NpgsqlConnection connection, string sql, long[] keys)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = keys });
        return command;
    }

    // After the server was away all idle connections are dead: then a new one has to be tried too.
    private T Read<T>(Func<NpgsqlConnection, T> read)
    {
        try
        {
            return ReadOnce(read);
        }
        catch (Exception outage) when (PostgreSqlServer.IsOutage(outage))
        {
            source.Clear();
            if (outage.InnerException is TimeoutException) throw server.Unavailable(outage);
        }
        try
        {
            return ReadOnce(read);
        }
        catch (Exception outage) when (PostgreSqlServer.IsOutage(outage))
        {
            throw server.Unavailable(outage);
        }
    }

    private T ReadOnce<T>(Func<NpgsqlConnection, T> read)
    {
        using var connection = server.Open(source);
        return read(connection);
    }
}
