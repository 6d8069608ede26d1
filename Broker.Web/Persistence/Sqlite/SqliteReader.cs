using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Persistence.Batches;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Reads what is committed, on a connection of its own. Used by one thread at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly RawConnection connection;
    private readonly RawStatement entries, message, retained;
    private readonly MessagesRead read;

    /// <summary>Opens the connection.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">What all readers of the file remember.</param>
    public SqliteReader(string path, MessagesRead read)
    {
        this.read = read;
        connection = new RawConnection(path, readOnly: true);
        entries = connection.Prepare("""
            SELECT message_retain, message_qos, expires_at, publisher, topic, properties, payload,
                   sequence, message_id, qos, retain, released, subscription_identifiers, share_filter, run_length
            FROM queue_entries WHERE session_key = ?1 AND sequence >= ?2 ORDER BY sequence
            """);
        message = connection.Prepare("SELECT retain, qos, expires_at, publisher, topic, properties, payload, NULL FROM messages WHERE id = ?1");
        retained = connection.Prepare("SELECT 1, qos, expires_at, publisher, topic, properties, payload, publisher_user FROM retained_messages WHERE number = ?1");
    }

    public List<StoredEntry> Entries(long session, long from, long upTo, int most, int mostBytes)
    {
        var found = new List<StoredEntry>();
        entries.Bind(1, session);
        entries.Bind(2, from);
        try
        {
            long bytes = 0;
            for (long next = from; next <= upTo && found.Count < most && bytes < mostBytes && entries.Step();)
            {
                long last = entries.Long(7);
                var alike = ReadCommon(last);
                for (next = Math.Max(next, last - entries.Long(14) + 1); next <= Math.Min(last, upTo) && found.Count < most && bytes < mostBytes; next++)
                {
                    found.Add(alike with { Sequence = next, Message = entries.IsNull(8) ? ReadMessage(entries) : Shared(entries.Long(8) - (last - next)) });
                    bytes += found[^1].Message.Size;
                }
            }
        }
        finally
        {
            entries.Reset();
        }
        return found;
    }

    public ApplicationMessage? Retained(long number) => Find(retained, number);

    public void Dispose() => connection.Dispose();

    /// <summary>The message in the first columns of a row: retain, qos, expires_at, publisher, topic, properties, payload.</summary>
    /// <param name="row">The row.</param>
    /// <param name="publisherUser">The user that had published it, where that is known.</param>
    public static ApplicationMessage ReadMessage(RawStatement row, string? publisherUser = null) => new(new Publication
    {
        Retain = row.Int(0) != 0,
        QoS = (QualityOfService)row.Int(1),
        ExpiresAt = row.Time(2) ?? ApplicationMessage.Never,
        Publisher = row.Text(3),
        PublisherUser = publisherUser,
        Topic = row.Bytes(4),
        Properties = row.Bytes(5),
        Payload = row.Bytes(6),
    });

    // What the entries of a row have in common.
    private StoredEntry ReadCommon(long sequence) =>
        new(sequence, null!, (QualityOfService)entries.Int(9), entries.Int(10) != 0, Texts.Split(entries.Text(12)), entries.Text(13), entries.Int(11) != 0);

    // Both statements see the same state: this one runs while the first has not ended.
    private ApplicationMessage Shared(long id)
    {
        if (read[id] is { } known) return known;
        var found = Find(message, id) ?? throw MessagesRead.Missing(id);
        read.Add(id, found);
        return found;
    }

    private static ApplicationMessage? Find(RawStatement statement, long key)
    {
        statement.Bind(1, key);
        if (!statement.Step()) return null;
        try
        {
            return ReadMessage(statement, statement.Text(7));
        }
        finally
        {
            statement.Reset();
        }
    }
}
