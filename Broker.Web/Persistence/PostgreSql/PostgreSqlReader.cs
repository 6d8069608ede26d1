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

    // The sum goes over the sizes alone: a payload is fetched only if it is given back.
    private const string EntriesSql = """
        SELECT e.sequence, e.qos, e.retain, e.released, e.subscription_identifiers, e.share_filter, e.message_id,
               e.message_retain, e.message_qos, e.expires_at, e.publisher, e.topic, e.properties, e.payload
        FROM (SELECT *, sum(size) OVER (ORDER BY sequence) - size AS before FROM queue_entries
              WHERE session_key = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence LIMIT $4) e
        WHERE e.before < $5 ORDER BY e.sequence
        """;

    private const string MessagesSql = "SELECT id, retain, qos, expires_at, publisher, topic, properties, payload FROM messages WHERE id = ANY ($1)";

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
            foreach (long value in new[] { session, from, upTo, most, mostBytes }) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                var entry = new StoredEntry(
                    row.GetInt64(0), null!, (QualityOfService)row.GetInt16(1), row.GetBoolean(2), Texts.Split(row.ReadText(4)), row.ReadText(5), row.GetBoolean(3));
                long id = row.IsDBNull(6) ? 0 : row.GetInt64(6);
                var message = id == 0 ? row.ReadMessage(7) : read[id];
                if (message is null) unread.Add((entries.Count, id));
                entries.Add(entry with { Message = message! });
            }
        }
        if (unread.Count > 0)
        {
            var messages = Messages(connection, [.. unread.Select(one => one.Message).Distinct()]);
            foreach (var (entry, message) in unread) entries[entry] = entries[entry] with { Message = messages[message] };
        }
        moment.Commit();
        return entries;
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

    private Dictionary<long, ApplicationMessage> Messages(NpgsqlConnection connection, long[] ids)
    {
        var found = new Dictionary<long, ApplicationMessage>();
        using var command = WhereAny(connection, MessagesSql, ids);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            long id = row.GetInt64(0);
            var message = row.ReadMessage(1);
            found.Add(id, message);
            read.Add(id, message);
        }
        if (found.Count < ids.Length) throw MessagesRead.Missing(ids.First(id => !found.ContainsKey(id)));
        return found;
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
