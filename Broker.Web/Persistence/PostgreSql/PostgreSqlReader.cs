using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql;

/// <summary>Reads what is committed, from any thread, on a few connections of its own.</summary>
internal sealed class PostgreSqlReader(PostgreSqlServer server) : IDisposable
{
    private const int Connections = 8;

    // The sum goes over the sizes alone: a message is fetched only if it is given back.
    private const string EntriesSql = """
        SELECT coalesce(m.retain, e.message_retain), coalesce(m.qos, e.message_qos), coalesce(m.expires_at, e.expires_at), coalesce(m.publisher, e.publisher),
               coalesce(m.topic, e.topic), coalesce(m.properties, e.properties), coalesce(m.payload, e.payload),
               e.sequence, e.qos, e.retain, e.released, e.subscription_identifiers, e.share_filter
        FROM (SELECT *, sum(size) OVER (ORDER BY sequence) - size AS before FROM queue_entries
              WHERE session_key = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence LIMIT $4) e
        LEFT JOIN messages m ON m.id = e.message_id
        WHERE e.before < $5 ORDER BY e.sequence
        """;

    private const string RetainedSql =
        "SELECT true, qos, expires_at, publisher, topic, properties, payload, number, publisher_user FROM retained_messages WHERE number = ANY ($1)";

    private readonly NpgsqlDataSource source = server.CreateReaders(Connections);

    public IReadOnlyList<StoredEntry> Entries(long session, long from, long upTo, int most, int mostBytes) => Read(connection =>
    {
        using var command = new NpgsqlCommand(EntriesSql, connection);
        foreach (long value in new[] { session, from, upTo, most, mostBytes }) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        using var row = command.ExecuteReader();
        var found = new List<StoredEntry>();
        while (row.Read())
        {
            found.Add(new StoredEntry(
                row.GetInt64(7), row.ReadMessage(0), (QualityOfService)row.GetInt16(8), row.GetBoolean(9), Texts.Split(row.ReadText(11)), row.ReadText(12), row.GetBoolean(10)));
        }
        return found;
    });

    public IReadOnlyList<ApplicationMessage?> Retained(IReadOnlyList<long> topics) => Read(connection =>
    {
        using var command = new NpgsqlCommand(RetainedSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. topics] });
        using var row = command.ExecuteReader();
        var found = new Dictionary<long, ApplicationMessage>();
        while (row.Read()) found[row.GetInt64(7)] = row.ReadMessage(0, row.ReadText(8));
        return topics.Select(found.GetValueOrDefault).ToArray();
    });

    public void Dispose() => source.Dispose();

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
