namespace Broker.Core.Diagnostics;

/// <summary>What one connection received and sent. Each half has one writer at a time: the read loop, and the outbox under its lock. Readers may be a moment late.</summary>
public sealed class Traffic
{
    /// <summary>Control packets received.</summary>
    public long PacketsReceived;

    /// <summary>PUBLISH packets received.</summary>
    public long PublishReceived;

    /// <summary>Payload bytes of the PUBLISH packets received.</summary>
    public long PublishBytesReceived;

    /// <summary>Bytes received.</summary>
    public long BytesReceived;

    /// <summary>Control packets sent.</summary>
    public long PacketsSent;

    /// <summary>PUBLISH packets sent.</summary>
    public long PublishSent;

    /// <summary>Payload bytes of the PUBLISH packets sent.</summary>
    public long PublishBytesSent;

    /// <summary>Bytes sent.</summary>
    public long BytesSent;

    /// <summary>Where it lies among the live ones; belongs to <see cref="BrokerCounters"/>.</summary>
    internal int Index { get; set; }

    /// <summary>The figures at this moment, which nobody counts on.</summary>
    internal Traffic Copy()
    {
        var copy = new Traffic();
        copy.Add(this);
        return copy;
    }

    internal void Add(Traffic other)
    {
        PacketsReceived += other.PacketsReceived;
        PublishReceived += other.PublishReceived;
        PublishBytesReceived += other.PublishBytesReceived;
        BytesReceived += other.BytesReceived;
        PacketsSent += other.PacketsSent;
        PublishSent += other.PublishSent;
        PublishBytesSent += other.PublishBytesSent;
        BytesSent += other.BytesSent;
    }
}
