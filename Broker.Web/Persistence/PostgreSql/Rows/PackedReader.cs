using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Broker.Core.Protocol;
using Npgsql;

namespace Broker.Web.Persistence.PostgreSql.Rows;

/// <summary>
/// Reads rows that the server packs into values of bytes, one row behind the other: what the driver does for each column of each row then happens once a value. It stands on
/// one row at a time, whose columns are asked for by number; of a column that is null only a text or a time may be asked for, and bytes, which are empty then.
/// </summary>
/// <remarks>
/// A row is what <c>record_send</c> makes of it: how many columns there are, and of each the type's number, its length or -1 for null, and the value as the type's own send
/// function writes it. All numbers are in network order.
/// </remarks>
internal sealed class PackedReader : IDisposable
{
    // Where PostgreSQL's time begins, in milliseconds since 1970.
    private const long Epoch = 946_684_800_000;
    private const int MostPooled = 1 << 20;

    private readonly NpgsqlDataReader values;
    private byte[] bytes = [];
    private int next, end;
    private (int Start, int Length)[] columns = [];

    /// <summary>Runs a command whose text comes from <see cref="AtOnce"/> or <see cref="OneByOne"/>.</summary>
    public PackedReader(NpgsqlCommand command) => values = command.ExecuteReader(System.Data.CommandBehavior.SequentialAccess);

    /// <summary>All rows of a query as one value, in its order: for few, as the server gathers no more than 1 GB.</summary>
    public static string AtOnce(string sql) => $"SELECT string_agg(record_send(r), '') FROM ({sql}) r";

    /// <summary>Each row of a query as a value: for any number of rows.</summary>
    public static string OneByOne(string sql) => $"SELECT record_send(r) FROM ({sql}) r";

    /// <summary>Goes on to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Read()
    {
        while (next == end)
        {
            if (!values.Read()) return false;
            Fetch();
        }
        int count = Number();
        if (columns.Length < count) columns = new (int, int)[count];
        for (int i = 0; i < count; i++)
        {
            next += sizeof(int); // the type is known
            int length = Number();
            columns[i] = (next, length);
            next += Math.Max(0, length);
        }
        return true;
    }

    public bool IsNull(int column) => columns[column].Length < 0;

    public bool Bool(int column) => Bytes(column)[0] != 0;

    public short Short(int column) => BinaryPrimitives.ReadInt16BigEndian(Bytes(column));

    public int Int(int column) => BinaryPrimitives.ReadInt32BigEndian(Bytes(column));

    public long Long(int column) => BinaryPrimitives.ReadInt64BigEndian(Bytes(column));

    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(Bytes(column));

    /// <summary>Milliseconds since 1970, or null.</summary>
    public long? Time(int column) => IsNull(column) ? null : Epoch + Long(column) / 1_000;

    /// <summary>The bytes of a bytea or a text, as long as the reader stands on this row; empty for null.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var (start, length) = columns[column];
        return bytes.AsSpan(start, Math.Max(0, length));
    }

    /// <summary>A message from columns that follow each other: retain, qos, expires_at, publisher, topic, properties, payload.</summary>
    /// <param name="first">The first of the columns.</param>
    /// <param name="publisherUser">The user that had published it, where that is known.</param>
    public ApplicationMessage Message(int first, string? publisherUser = null) => new(new Publication
    {
        Retain = Bool(first),
        QoS = (QualityOfService)Short(first + 1),
        ExpiresAt = Time(first + 2) ?? ApplicationMessage.Never,
        Publisher = Text(first + 3),
        PublisherUser = publisherUser,
        Topic = Bytes(first + 4),
        Properties = Bytes(first + 5),
        Payload = Bytes(first + 6),
    });

    public void Dispose()
    {
        values.Dispose();
        LetGo();
    }

    private void Fetch()
    {
        (next, end) = (0, 0);
        if (values.IsDBNull(0)) return; // of no rows
        int length = (int)values.GetBytes(0, 0, null, 0, 0);
        if (bytes.Length < length)
        {
            LetGo();
            bytes = length <= MostPooled ? ArrayPool<byte>.Shared.Rent(length) : new byte[length];
        }
        end = (int)values.GetBytes(0, 0, bytes, 0, length);
    }

    private void LetGo()
    {
        if (bytes.Length is > 0 and <= MostPooled) ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    private int Number()
    {
        int number = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(next));
        next += sizeof(int);
        return number;
    }
}
