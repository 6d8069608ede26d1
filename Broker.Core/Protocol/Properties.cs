using System.Text;

namespace Broker.Core.Protocol;

/// <summary>
/// The properties of one packet in their wire form, without the length in front: ordered, immutable, and forwarded without being taken apart.
/// Before MQTT 5 there are none. What came through <see cref="Read"/> obeys the <see cref="PropertyTable"/>.
/// </summary>
public readonly struct Properties(ReadOnlyMemory<byte> encoded)
{
    /// <summary>No properties.</summary>
    public static readonly Properties None;

    /// <summary>Identifiers and values as they stand on the wire.</summary>
    public ReadOnlyMemory<byte> Encoded => encoded;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => encoded.IsEmpty;

    /// <summary>The number that a property of an integer type holds, or null if it is absent.</summary>
    public uint? Number(PropertyId id) => Find(id, out var value) ? value.Number : null;

    /// <summary>The text of a string property, or null if it is absent.</summary>
    public string? Text(PropertyId id) => Find(id, out var value) ? Encoding.UTF8.GetString(value.First.Span) : null;

    /// <summary>The bytes of a binary or string property, or null if it is absent.</summary>
    public ReadOnlyMemory<byte>? Data(PropertyId id) => Find(id, out var value) ? value.First : (ReadOnlyMemory<byte>?)null;

    /// <summary>The User Properties in their order [MQTT-3.3.2-18].</summary>
    public IReadOnlyList<(string Name, string Value)> UserProperties
    {
        get
        {
            List<(string, string)>? found = null;
            for (var reader = new PacketReader(encoded); !reader.AtEnd;)
            {
                var value = PropertyValue.Read(ref reader);
                if (value.Row.Id == PropertyId.UserProperty)
                    (found ??= []).Add((Encoding.UTF8.GetString(value.First.Span), Encoding.UTF8.GetString(value.Second.Span)));
            }
            return found ?? (IReadOnlyList<(string, string)>)[];
        }
    }

    /// <summary>The numbers of a property that may repeat, in their order.</summary>
    public IReadOnlyList<uint> Numbers(PropertyId id)
    {
        List<uint>? found = null;
        for (var reader = new PacketReader(encoded); !reader.AtEnd;)
        {
            var value = PropertyValue.Read(ref reader);
            if (value.Row.Id == id) (found ??= []).Add(value.Number);
        }
        return found ?? (IReadOnlyList<uint>)[];
    }

    private bool Find(PropertyId id, out PropertyValue value)
    {
        for (var reader = new PacketReader(encoded); !reader.AtEnd;)
        {
            value = PropertyValue.Read(ref reader);
            if (value.Row.Id == id) return true;
        }
        value = default;
        return false;
    }

    /// <summary>Reads length and properties, and checks each against the table: known, allowed here, not repeated, in range.</summary>
    /// <exception cref="ProtocolViolation">0x81 for an unknown, misplaced or badly encoded property, 0x82 for a repeated one or a value out of range.</exception>
    public static Properties Read(ref PacketReader reader, PropertyScope scope, Sender sender)
    {
        int length = reader.ReadVariableByteInteger();
        if (length == 0) return None;
        var encoded = reader.ReadBytes(length);
        ulong seen = 0;
        for (var inner = new PacketReader(encoded); !inner.AtEnd;)
        {
            var value = PropertyValue.Read(ref inner);
            value.RequireAllowed(scope, sender);
            ulong bit = 1UL << (int)value.Row.Id;
            if ((seen & bit) != 0 && (value.Row.Repeats & scope) == 0) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"{value.Row.Name} stands more than once");
            seen |= bit;
        }
        return new Properties(encoded);
    }

    /// <summary>
    /// Copies the properties that the message carries to its subscribers into <paramref name="destination"/>, which has room for all of them. What belongs
    /// to one connection or changes on the way stays behind and is told instead.
    /// </summary>
    /// <returns>The number of bytes written, the Topic Alias or 0, and the Message Expiry Interval.</returns>
    public (int Length, ushort TopicAlias, uint? MessageExpiryInterval) CopyForwarded(Span<byte> destination)
    {
        int written = 0;
        ushort alias = 0;
        uint? expiry = null;
        for (var reader = new PacketReader(encoded); !reader.AtEnd;)
        {
            int start = reader.Position;
            var value = PropertyValue.Read(ref reader);
            switch (value.Row.Id)
            {
                case PropertyId.TopicAlias: alias = (ushort)value.Number; continue;
                case PropertyId.MessageExpiryInterval: expiry = value.Number; continue;
                case PropertyId.WillDelayInterval: continue;
                default: break;
            }
            var bytes = encoded.Span[start..reader.Position];
            bytes.CopyTo(destination[written..]);
            written += bytes.Length;
        }
        return (written, alias, expiry);
    }
}

/// <summary>One property as it was read.</summary>
internal readonly struct PropertyValue(PropertyRow row, uint number, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
{
    public PropertyRow Row => row;

    public uint Number => number;

    /// <summary>The string or bytes; of a pair, the name.</summary>
    public ReadOnlyMemory<byte> First => first;

    /// <summary>The value of a pair.</summary>
    public ReadOnlyMemory<byte> Second => second;

    public static PropertyValue Read(ref PacketReader reader)
    {
        int id = reader.ReadVariableByteInteger();
        var row = PropertyTable.Find((uint)id);
        if (row is null) ProtocolViolation.Throw(ReasonCode.MalformedPacket, $"0x{id:X2} is no property identifier");
        switch (row.Type)
        {
            case PropertyType.Byte: return new(row, reader.ReadByte(), default, default);
            case PropertyType.TwoByteInteger: return new(row, reader.ReadUInt16(), default, default);
            case PropertyType.FourByteInteger: return new(row, reader.ReadUInt32(), default, default);
            case PropertyType.VariableByteInteger: return new(row, (uint)reader.ReadVariableByteInteger(), default, default);
            case PropertyType.Utf8String: return new(row, 0, reader.ReadUtf8(), default);
            case PropertyType.BinaryData: return new(row, 0, reader.ReadBinary(), default);
            default: return new(row, 0, reader.ReadUtf8(), reader.ReadUtf8());
        }
    }

    public void RequireAllowed(PropertyScope scope, Sender sender)
    {
        var (here, there) = sender == Sender.Client ? (row.FromClient, row.FromServer) : (row.FromServer, row.FromClient);
        if ((here & scope) == 0)
        {
            if ((there & scope) != 0) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"{row.Name} is not for the {sender} to send in {scope}");
            ProtocolViolation.Throw(ReasonCode.MalformedPacket, $"{row.Name} may not stand in {scope}");
        }
        if (number < row.Minimum && row.Type <= PropertyType.VariableByteInteger || number > row.Maximum)
            ProtocolViolation.Throw(row.OutOfRange, $"{row.Name} may not be {number}");
        if (row.Id == PropertyId.ResponseTopic && !TopicName.IsValid(first.Span))
            ProtocolViolation.Throw(ReasonCode.ProtocolError, "Response Topic is no topic name"); // [MQTT-3.3.2-14]
    }
}
