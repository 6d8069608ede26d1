using System.Data;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Broker.Web.Persistence.PostgreSql.Rows;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Reads what is committed, from any thread, on a few connections of its own.</summary>
internal sealed class PostgreSqlReader(PostgreSqlServer server) : IDisposable
{
    private const int Connections = 8;

    private static readonly TimeSpan TurnPatience = TimeSpan.FromMilliseconds(20);

    // The sums go over the sizes alone: a payload is fetched only if it may be given back.
    private static readonly string EntriesSql = PackedReader.AtOnce("""
        SELECT sequence, qos, retain, released, subscription_identifiers, share_filter, message_id,
               message_retain, message_qos, expires_at, publisher, topic, properties, payload, run_length
        FROM (SELECT *, sum(size) OVER (ORDER BY sequence ROWS UNBOUNDED PRECEDING) - size AS before
              FROM queue_entries WHERE session_key = $1 AND sequence >= $2 AND sequence < $3 AND sequence - run_length < $6 ORDER BY sequence LIMIT $4) e
        WHERE before < $5 ORDER BY sequence
        """);

    private static readonly string MessagesSql = PackedReader.AtOnce($"""
        SELECT id, retain, qos, expires_at, publisher, topic, properties, payload
        FROM (SELECT m.*, sum(bytes) OVER (ORDER BY place, id ROWS UNBOUNDED PRECEDING) - bytes AS before
              FROM (SELECT place, {MessageColumns.Bytes} AS bytes, messages.*
                    FROM unnest($1, $2) WITH ORDINALITY AS wanted (first, last, place) JOIN messages ON id BETWEEN first AND last) m) counted
        WHERE before < $3
        """);

    private static readonly string RetainedSql = PackedReader.OneByOne(
        "SELECT true, qos, expires_at, publisher, topic, properties, payload, number, publisher_user FROM retained_messages WHERE number = ANY ($1)");

    private readonly MessagesRead read = new();
    private readonly Lock[] turns = [new(), new(), new(), new()];
    private readonly NpgsqlDataSource source = server.CreateReaders(Connections);

    public IReadOnlyList<StoredEntry> Entries(long session, long from, long upTo, int most, int mostBytes) => Read<IReadOnlyList<StoredEntry>>(connection =>
    {
        if (Page(out _) is { } page) return page;
        using var moment = connection.BeginTransaction(IsolationLevel.RepeatableRead);
        var entries = Page(out long missing) ?? throw MessagesRead.Missing(missing);
        moment.Commit();
        return entries;

        // Rows first and their messages then. Without a transaction, which would take a trip more, an entry that is settled between them may take its message with it.
        List<StoredEntry>? Page(out long missing)
        {
            var rows = Rows(connection, session, from, upTo, most, mostBytes);
            return Join(rows, Messages(connection, rows, most, mostBytes), most, mostBytes, out missing);
        }
    });

    public IReadOnlyList<ApplicationMessage?> Retained(IReadOnlyList<long> topics) => Read(connection =>
    {
        using var command = new NpgsqlCommand(RetainedSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. topics] });
        using var row = new PackedReader(command);
        var found = new Dictionary<long, ApplicationMessage>();
        while (row.Read()) found[row.Long(7)] = row.Message(0, row.Text(8));
        return topics.Select(found.GetValueOrDefault).ToArray();
    });

    public void Dispose() => source.Dispose();

    // Where nothing was left out, as many sequences as are asked for hold as many entries: the server need not look at more rows than that takes.
    private static List<EntryRow> Rows(NpgsqlConnection connection, long session, long from, long upTo, int most, int mostBytes)
    {
        var rows = new List<EntryRow>();
        long near = upTo - from < most ? upTo : from + most - 1;
        AddRows(connection, rows, session, from, near, most, mostBytes);
        if (near == upTo) return rows;
        long bytes = 0, entries = 0;
        foreach (var row in rows)
        {
            bytes += row.Own?.Size ?? 0;
            entries += row.Last - row.First + 1;
        }
        if (entries < most && bytes < mostBytes) AddRows(connection, rows, session, near + 1, upTo, most, mostBytes - bytes);
        return rows;
    }

    private static void AddRows(NpgsqlConnection connection, List<EntryRow> rows, long session, long from, long upTo, long most, long mostBytes)
    {
        using var command = new NpgsqlCommand(EntriesSql, connection);
        foreach (long value in new[] { session, from, EntryRun.KeysEnd(upTo), most, mostBytes, upTo }) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        using var row = new PackedReader(command);
        while (row.Read())
        {
            long key = row.Long(0), first = Math.Max(from, key - row.Int(14) + 1), last = Math.Min(upTo, key);
            var alike = new StoredEntry(key, null!, (QualityOfService)row.Short(1), row.Bool(2), Texts.Split(row.Text(4)), row.Text(5), row.Bool(3));
            rows.Add(row.IsNull(6) ? new(alike, first, last, 0, row.Message(7)) : new(alike, first, last, row.Long(6) - (key - last), null));
        }
    }

    // The messages that the rows refer to, in their order, until they have so many bytes. Sessions that come back together want the same ones at the same moment:
    // whoever comes second waits a little, and mostly finds them read.
    private Dictionary<long, ApplicationMessage> Messages(NpgsqlConnection connection, List<EntryRow> rows, int most, int mostBytes)
    {
        var found = new Dictionary<long, ApplicationMessage>();
        var unread = new List<long>();
        foreach (var row in rows)
        {
            for (long id = row.FirstMessage; id <= row.LastMessage && id > 0 && found.Count + unread.Count < most; id++)
                if (!WasRead(id)) unread.Add(id);
        }
        if (unread.Count == 0) return found;
        var turn = turns[unread[0] / MessagesRead.Places % turns.Length];
        bool isMine = turn.TryEnter(TurnPatience);
        try
        {
            unread.RemoveAll(WasRead);
            if (unread.Count == 0) return found;
            using var command = new NpgsqlCommand(MessagesSql, connection);
            foreach (long[] ends in EndsOfRanges(unread)) command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = ends });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mostBytes });
            using var row = new PackedReader(command);
            while (row.Read())
            {
                var message = row.Message(1);
                found[row.Long(0)] = message;
                read.Add(row.Long(0), message);
            }
            return found;
        }
        finally
        {
            if (isMine) turn.Exit();
        }

        bool WasRead(long id)
        {
            if (read[id] is not { } message) return false;
            found[id] = message;
            return true;
        }
    }

    // The ids in their order as the first ones of ranges and the last ones: those of a queue mostly follow each other, and a range is found with one look at the index.
    private static long[][] EndsOfRanges(List<long> ids)
    {
        var (firsts, lasts) = (new List<long>(), new List<long>());
        foreach (long id in ids)
        {
            if (lasts.Count > 0 && id - lasts[^1] is 0 or 1) lasts[^1] = id; // a session may get a message twice
            else
            {
                firsts.Add(id);
                lasts.Add(id);
            }
        }
        return [[.. firsts], [.. lasts]];
    }

    // The entries of the rows with their messages, up to the first whose message was not read because enough bytes were. If one is not there though not enough were
    // read, there is no answer.
    private static List<StoredEntry>? Join(List<EntryRow> rows, Dictionary<long, ApplicationMessage> messages, int most, int mostBytes, out long missing)
    {
        var entries = new List<StoredEntry>();
        long bytes = 0;
        missing = 0;
        foreach (var row in rows)
        {
            for (long sequence = row.First; sequence <= row.Last; sequence++)
            {
                if (entries.Count == most || bytes >= mostBytes) return entries;
                if ((row.Own ?? messages.GetValueOrDefault(missing = row.LastMessage - (row.Last - sequence))) is not { } message) return null;
                entries.Add(row.Alike with { Sequence = sequence, Message = message });
                bytes += message.Size;
            }
        }
        return entries;
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

    /// <summary>A row of the table, as far as it lies in the range that was asked for.</summary>
    /// <param name="Alike">What its entries have in common.</param>
    /// <param name="First">The first of them.</param>
    /// <param name="Last">The last of them.</param>
    /// <param name="LastMessage">The message that the last one refers to, or 0.</param>
    /// <param name="Own">The message that the row holds itself, or null.</param>
    private readonly record struct EntryRow(StoredEntry Alike, long First, long Last, long LastMessage, ApplicationMessage? Own)
    {
        public long FirstMessage => LastMessage - (Last - First);
    }
}
