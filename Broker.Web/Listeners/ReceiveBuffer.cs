using System.Buffers;

namespace Broker.Web.Listeners;

/// <summary>
/// One contiguous piece of rented memory with bytes in it: consumed ones are forgotten, new ones come behind, and with the last byte the piece is given
/// back. It grows with bytes that arrived, never with a length that was announced.
/// </summary>
/// <param name="blockSize">How much may arrive at once.</param>
internal struct ReceiveBuffer(int blockSize)
{
    private const int Smallest = 256;
    private byte[]? memory;
    private int start, end, examined;

    public readonly bool IsEmpty => start == end;

    /// <summary>Whether there are bytes that the reader has not looked at.</summary>
    public readonly bool HasUnexamined => examined < end;

    public readonly ReadOnlySequence<byte> Bytes => memory is null ? ReadOnlySequence<byte>.Empty : new(memory, start, end - start);

    /// <summary>Free memory behind the bytes: at least one byte, and about <paramref name="wanted"/> or a block.</summary>
    public Span<byte> Room(int wanted)
    {
        wanted = Math.Clamp(wanted, 1, blockSize);
        if (memory is null || memory.Length - end < Math.Min(wanted, blockSize / 4))
        {
            var held = end - start;
            Move(held + wanted <= blockSize ? held + wanted : held <= blockSize / 2 ? blockSize : held * 2);
        }
        return memory.AsSpan(end);
    }

    public void Add(int count) => end += count;

    public void Advance(SequencePosition consumed, SequencePosition examined)
    {
        if (memory is null) return;
        start = consumed.GetInteger();
        this.examined = examined.GetInteger();
        if (start == end) Release();
    }

    /// <summary>Before a wait: the beginning of a packet does not keep a whole block.</summary>
    public void Shrink()
    {
        if (memory?.Length > Smallest && end - start < memory.Length / 8) Move(end - start);
    }

    public void Release()
    {
        if (memory is null) return;
        ArrayPool<byte>.Shared.Return(memory);
        memory = null;
        start = end = examined = 0;
    }

    private void Move(int size)
    {
        var (old, held, seen) = (memory, end - start, examined - start);
        if (old is null || size > old.Length || size < old.Length / 8)
        {
            memory = ArrayPool<byte>.Shared.Rent(Math.Max(size, Smallest));
            old.AsSpan(start, held).CopyTo(memory);
            if (old is not null) ArrayPool<byte>.Shared.Return(old);
        }
        else
        {
            old.AsSpan(start, held).CopyTo(old);
        }
        (start, end, examined) = (0, held, seen);
    }
}
