using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Memory for Kestrel's TLS pipe: pieces that hold a whole TLS record (16 KiB, RFC 8446 section 5.1), where it would take 4 KiB ones.</summary>
internal sealed class RecordMemory : MemoryPool<byte>, IMemoryPoolFeature
{
    private const int Record = 16 * 1024;

    public static readonly IMemoryPoolFeature Feature = new RecordMemory();

    public override int MaxBufferSize => Shared.MaxBufferSize;

    public MemoryPool<byte> MemoryPool => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, Record));

    protected override void Dispose(bool disposing)
    {
        // Shared by every connection, for the life of the process.
    }
}
