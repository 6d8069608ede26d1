using System.Collections;
using System.Reflection;
using System.Text;
using Broker.Core.Protocol;

namespace Broker.Tests.Testing;

/// <summary>
/// A packet as text, with every field that it holds: two packets are equal when their texts are, and a failed test shows what came. (Records compare the
/// place of bytes, not the bytes.)
/// </summary>
public static class PacketText
{
    /// <summary>The text of a packet.</summary>
    public static string Of(IControlPacket packet)
    {
        var text = new StringBuilder(packet.GetType().Name);
        Fields(text, packet);
        return text.ToString();
    }

    private static void Fields(StringBuilder text, object value)
    {
        text.Append('(');
        string separator = "";
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.Name is nameof(IControlPacket.Type) or nameof(IControlPacket.Flags) or nameof(IControlPacket.MaximumBodyLength)) continue;
            object? field = property.GetValue(value);
            if (field is null or Properties { IsEmpty: true } or false) continue;
            text.Append(separator).Append(property.Name).Append('=');
            Value(text, field);
            separator = ", ";
        }
        text.Append(')');
    }

    private static void Value(StringBuilder text, object value)
    {
        switch (value)
        {
            case string s: text.Append('"').Append(Escape(s)).Append('"'); break;
            case ReadOnlyMemory<byte> bytes: text.Append(Bytes(bytes.Span)); break;
            case Properties properties: PropertiesOf(text, properties); break;
            case Will or SubscriptionRequest or SubscriptionOptions: Fields(text, value); break;
            case IEnumerable list: List(text, list); break;
            default: text.Append(value); break;
        }
    }

    private static void List(StringBuilder text, IEnumerable list)
    {
        text.Append('[');
        string separator = "";
        foreach (object item in list)
        {
            text.Append(separator);
            Value(text, item);
            separator = ", ";
        }
        text.Append(']');
    }

    private static void PropertiesOf(StringBuilder text, Properties properties)
    {
        text.Append('{');
        string separator = "";
        for (var reader = new PacketReader(properties.Encoded); !reader.AtEnd;)
        {
            var value = PropertyValue.Read(ref reader);
            text.Append(separator).Append(value.Row.Id).Append('=');
            if (value.Row.Type <= PropertyType.VariableByteInteger) text.Append(value.Number);
            else text.Append(Bytes(value.First.Span));
            if (value.Row.Type == PropertyType.Utf8StringPair) text.Append(':').Append(Bytes(value.Second.Span));
            separator = ", ";
        }
        text.Append('}');
    }

    private static string Bytes(ReadOnlySpan<byte> bytes)
    {
        bool printable = true;
        foreach (byte b in bytes) printable &= b is >= 0x20 and < 0x7F and not (byte)'"';
        return printable ? $"\"{Encoding.ASCII.GetString(bytes)}\"" : Convert.ToHexString(bytes);
    }

    private static string Escape(string text) => string.Concat(text.Select(c => c is >= ' ' and < '\x7F' ? c.ToString() : $"\\u{(int)c:X4}"));
}
