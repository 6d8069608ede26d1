namespace Broker.Core.Protocol;

/// <summary>Puts properties together for a packet, in the order in which they are added.</summary>
public sealed class PropertiesBuilder
{
    private byte[] bytes = new byte[64];
    private int length;

    /// <summary>Adds a number in the width that the property's type has.</summary>
    public PropertiesBuilder Add(PropertyId id, uint value)
    {
        var writer = Begin(id, 4);
        switch (PropertyTable.Find((uint)id)!.Type)
        {
            case PropertyType.Byte: writer.WriteByte((byte)value); break;
            case PropertyType.TwoByteInteger: writer.WriteUInt16((ushort)value); break;
            case PropertyType.FourByteInteger: writer.WriteUInt32(value); break;
            default: writer.WriteVariableByteInteger((int)value); break;
        }
        return End(writer);
    }

    /// <summary>Adds a string.</summary>
    public PropertiesBuilder Add(PropertyId id, string text)
    {
        var writer = Begin(id, 2 + text.Length * 3);
        writer.WriteString(text);
        return End(writer);
    }

    /// <summary>Adds binary data.</summary>
    public PropertiesBuilder Add(PropertyId id, ReadOnlySpan<byte> data)
    {
        var writer = Begin(id, 2 + data.Length);
        writer.WriteBinary(data);
        return End(writer);
    }

    /// <summary>Adds a User Property.</summary>
    public PropertiesBuilder AddUserProperty(string name, string value)
    {
        var writer = Begin(PropertyId.UserProperty, 4 + (name.Length + value.Length) * 3);
        writer.WriteString(name);
        writer.WriteString(value);
        return End(writer);
    }

    /// <summary>What was added so far.</summary>
    public Properties Build() => length == 0 ? Properties.None : new Properties(bytes.AsMemory(0, length).ToArray());

    private PacketWriter Begin(PropertyId id, int room)
    {
        if (bytes.Length - length < room + 1) Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + room + 1));
        var writer = new PacketWriter(bytes.AsSpan(length));
        writer.WriteByte((byte)id);
        return writer;
    }

    private PropertiesBuilder End(PacketWriter writer)
    {
        length += writer.Position;
        return this;
    }
}
