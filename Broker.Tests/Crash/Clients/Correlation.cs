using System.Buffers.Binary;
using Broker.Core.Protocol;

namespace Broker.Tests.Crash.Clients;

/// <summary>Correlation Data that names the message, so that properties that were mixed up or lost are seen.</summary>
internal static class Correlation
{
    public static Properties Of(int stream, long number)
    {
        Span<byte> bytes = stackalloc byte[10];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[8..], (ushort)stream);
        return new PropertiesBuilder().Add(PropertyId.CorrelationData, bytes).Build();
    }

    /// <summary>Whether a message of an MQTT 5 publisher still has it, and one of an older publisher none.</summary>
    public static bool IsRight(Properties properties, ProtocolVersion publisher, int stream, long number)
    {
        if (properties.Data(PropertyId.CorrelationData) is not { } bytes) return publisher != ProtocolVersion.V5;
        return publisher == ProtocolVersion.V5 && bytes.Length == 10
            && BinaryPrimitives.ReadInt64BigEndian(bytes.Span) == number && BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[8..]) == stream;
    }
}
