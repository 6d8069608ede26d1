using System.Buffers;
using Broker.Core.Protocol;

namespace Broker.Core.Connections;

/// <summary>Takes packets off the bytes that have arrived. A packet that lies in one piece is not copied.</summary>
internal static class PacketBuffer
{
    /// <summary>Takes the first packet if it is there as a whole.</summary>
    /// <param name="buffer">The bytes; the packet is taken off.</param>
    /// <param name="maximumPacketSize">The largest packet allowed.</param>
    /// <param name="first">Its first byte.</param>
    /// <param name="body">What stands behind its fixed header, valid as long as the buffer is.</param>
    /// <exception cref="ProtocolViolation">Its length is malformed or above the maximum.</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, int maximumPacketSize, out byte first, out ReadOnlyMemory<byte> body)
    {
        var piece = buffer.First;
        if (PacketCodec.TryFindPacket(piece.Span, maximumPacketSize, out first, out int headerLength, out int packetLength))
        {
            body = piece[headerLength..packetLength];
            buffer = buffer.Slice(packetLength);
            return true;
        }
        body = default;
        return !buffer.IsSingleSegment && TryTakeAcross(ref buffer, maximumPacketSize, out first, out body);
    }

    private static bool TryTakeAcross(ref ReadOnlySequence<byte> buffer, int maximumPacketSize, out byte first, out ReadOnlyMemory<byte> body)
    {
        Span<byte> header = stackalloc byte[5];
        header = header[..(int)Math.Min(5, buffer.Length)];
        buffer.Slice(0, header.Length).CopyTo(header);
        PacketCodec.TryFindPacket(header, maximumPacketSize, out first, out int headerLength, out int packetLength);
        body = default;
        if (packetLength == 0 || buffer.Length < packetLength) return false;
        byte[] copy = GC.AllocateUninitializedArray<byte>(packetLength - headerLength);
        buffer.Slice(headerLength, copy.Length).CopyTo(copy);
        body = copy;
        buffer = buffer.Slice(packetLength);
        return true;
    }
}
