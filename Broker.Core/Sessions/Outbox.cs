using System.Buffers;
using System.IO.Pipelines;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Core.Sessions;

/// <summary>What became of a PUBLISH that was given to an outbox.</summary>
internal enum Sent
{
    /// <summary>It is on its way.</summary>
    Yes,

    /// <summary>The connection has ended.</summary>
    Closed,

    /// <summary>QoS 0, and the client does not keep up.</summary>
    SlowReader,

    /// <summary>It is larger than the client accepts.</summary>
    TooLarge,
}

/// <summary>What has more for an outbox than there was room for.</summary>
internal interface IOutboxSource
{
    /// <summary>Called under no lock: there is room again.</summary>
    void Pump(Delivery delivery);
}

/// <summary>
/// The way out to one connected client. Whoever has a packet for it writes it here, from its own thread: bytes gather under the outbox's lock, and one
/// flush sends them. Only one flush runs at a time, and nobody waits for it. The pipe's flush is called under the lock, because a pipe cannot be written
/// meanwhile; no transport calls back into the broker from there.
/// </summary>
public sealed class Outbox(PipeWriter pipe, ProtocolVersion version, Limits limits, TimeProvider time, Traffic traffic, IConnection connection)
{
    private const int FlushAt = 64 * 1024;
    private const int OneSpan = 4096;

    private readonly Lock gate = new();
    private Dictionary<byte[], ushort>? aliases;
    private TaskCompletionSource? room, idle;
    private int unflushed;
    private int flushingBytes;
    private bool dirty, broken;
    private string? failure;
    private volatile bool flushing, closed, wantsMore;

    /// <summary>The client's protocol version.</summary>
    public ProtocolVersion Version => version;

    /// <summary>The largest packet that the client accepts, in bytes.</summary>
    public uint MaximumPacketSize { get; init; } = uint.MaxValue;

    /// <summary>The highest topic alias that the client accepts.</summary>
    public ushort TopicAliasMaximum { get; init; }

    /// <summary>Whether the client wants reason strings and user properties on packets other than PUBLISH, CONNACK and DISCONNECT [MQTT-3.1.2-29].</summary>
    public bool ProblemInformation { get; init; } = true;

    /// <summary>The connection that it is the way out of.</summary>
    public IConnection Connection => connection;

    /// <summary>Has more to send when there is room again and <see cref="WantsMore"/> was set.</summary>
    internal IOutboxSource? Source { get; set; }

    /// <summary>The bytes that the client has not taken.</summary>
    public int WaitingBytes => Volatile.Read(ref unflushed) + Volatile.Read(ref flushingBytes);

    /// <summary>Whether more bytes wait than a client may leave waiting.</summary>
    public bool IsFull => WaitingBytes >= limits.OutboxBytes;

    /// <summary>Has <see cref="Source"/> told when there is room. Look at <see cref="IsFull"/> again afterwards: the room may just have come.</summary>
    internal void WantsMore()
    {
        wantsMore = true;
        Interlocked.MemoryBarrier();
    }

    /// <summary>Writes a packet other than PUBLISH.</summary>
    public void Write<TPacket>(in TPacket packet, Delivery delivery) where TPacket : IControlPacket
    {
        lock (gate)
        {
            if (closed) return;
            try
            {
                Written(PacketCodec.Write(packet, version, pipe), delivery);
            }
            catch (Exception exception)
            {
                Fail(exception, delivery);
            }
        }
    }

    /// <summary>Writes a packet after which nothing is sent any more [MQTT-3.14.4-1].</summary>
    public void WriteLast<TPacket>(in TPacket packet, Delivery delivery) where TPacket : IControlPacket
    {
        lock (gate)
        {
            Write(packet, delivery);
            closed = true;
        }
    }

    /// <summary>Writes a copy of a message.</summary>
    internal Sent Publish(in Publication message, in PublishCopy copy, Delivery delivery)
    {
        lock (gate)
        {
            if (closed) return Sent.Closed;
            if (copy.QoS == QualityOfService.AtMostOnce && flushing && IsFull) return Sent.SlowReader;
            var (alias, known) = TopicAliasMaximum == 0 ? default : Alias(message.Topic);
            var head = delivery.Encoder.Encode(message, version, copy, alias, !known, delivery.Now);
            int size = head.Length + message.Payload.Length;
            if (alias > 0 && !known && (uint)size > MaximumPacketSize)
            {
                // Announcing the alias costs three bytes: without it the packet may just fit.
                alias = 0;
                head = delivery.Encoder.Encode(message, version, copy, 0, withTopic: true, delivery.Now);
                size = head.Length + message.Payload.Length;
            }
            if ((uint)size > MaximumPacketSize || size - 5 > PacketCodec.MaximumRemainingLength) return Sent.TooLarge;
            if (alias > 0 && !known) aliases!.Add(message.Topic.ToArray(), alias);
            if (!TryCopy(head, message.Payload, delivery)) return Sent.Closed;
            traffic.PublishSent++;
            traffic.PublishBytesSent += message.Payload.Length;
            Written(size, delivery);
            return Sent.Yes;
        }
    }

    /// <summary>Under no lock: sends what has gathered, unless a flush runs already; then that one goes on with it.</summary>
    internal void Flush(Delivery delivery)
    {
        while (true)
        {
            ValueTask<FlushResult> flush = default;
            bool begun, done = false;
            string? why;
            lock (gate)
            {
                dirty = false;
                (why, failure) = (failure, null);
                begun = !flushing && !broken && unflushed > 0;
                if (begun)
                {
                    flush = BeginFlush();
                    done = flush.IsCompletedSuccessfully;
                    if (done) EndFlush(flush.Result);
                }
            }
            if (why is not null) connection.Disconnect(ReasonCode.UnspecifiedError, $"its stream failed: {why}");
            if (!begun) return;
            if (!done)
            {
                _ = FinishAsync(flush);
                return;
            }
            if (!TakeWantsMore()) return;
            Source?.Pump(delivery);
        }
    }

    /// <summary>Ends when there is room, or no need for it any more.</summary>
    public Task WaitForRoomAsync()
    {
        lock (gate)
        {
            if (closed || !flushing || !IsFull) return Task.CompletedTask;
            room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return room.Task;
        }
    }

    /// <summary>Whoever waits for room need not wait any more.</summary>
    public void Wake()
    {
        lock (gate) room?.TrySetResult();
    }

    /// <summary>Takes no more packets; ends when what was written has been flushed, or cannot be.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            closed = true;
            room?.TrySetResult();
            if (!flushing) return Task.CompletedTask;
            idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return idle.Task;
        }
    }

    private void Written(int bytes, Delivery delivery)
    {
        unflushed += bytes;
        traffic.PacketsSent++;
        traffic.BytesSent += bytes;
        if (unflushed >= FlushAt) delivery.Hurry();
        MarkDirty(delivery);
    }

    private void MarkDirty(Delivery delivery)
    {
        if (dirty) return;
        dirty = true;
        delivery.Add(this);
    }

    private bool TryCopy(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, Delivery delivery)
    {
        int size = head.Length + payload.Length;
        try
        {
            if (size <= OneSpan)
            {
                var span = pipe.GetSpan(size);
                head.CopyTo(span);
                payload.CopyTo(span[head.Length..]);
                pipe.Advance(size);
            }
            else
            {
                pipe.Write(head);
                pipe.Write(payload);
            }
            return true;
        }
        catch (Exception exception)
        {
            Fail(exception, delivery);
            return false;
        }
    }

    // The one who writes is mostly another client's read loop: the failure is this client's alone, whose connection ends at the flush, under no lock.
    private void Fail(Exception exception, Delivery delivery)
    {
        closed = broken = true;
        failure ??= exception.Message;
        MarkDirty(delivery);
    }

    private ValueTask<FlushResult> BeginFlush()
    {
        flushing = true;
        flushingBytes = unflushed;
        unflushed = 0;
        try
        {
            return pipe.FlushAsync();
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<FlushResult>(exception);
        }
    }

    private void EndFlush(FlushResult result)
    {
        flushing = false;
        flushingBytes = 0;
        if (result.IsCompleted) closed = broken = true;
        if (!closed && IsFull) return;
        room?.TrySetResult();
        room = null;
    }

    private bool TakeWantsMore()
    {
        Interlocked.MemoryBarrier();
        if (!wantsMore) return false;
        wantsMore = false;
        return !closed;
    }

    // The client does not take everything at once. This goes on with whatever is written meanwhile; it ends the connection if nothing moves for too long.
    private async Task FinishAsync(ValueTask<FlushResult> flush)
    {
        while (true)
        {
            FlushResult result;
            try
            {
                result = await flush.AsTask().WaitAsync(limits.OutboxStall, time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                connection.Disconnect(ReasonCode.UnspecifiedError, $"it took nothing for {limits.OutboxStall.TotalSeconds:0} s");
                result = new FlushResult(false, isCompleted: true);
            }
            catch (Exception)
            {
                result = new FlushResult(false, isCompleted: true); // the connection is gone; its read loop says why
            }
            lock (gate)
            {
                EndFlush(result);
                if (unflushed > 0 && !broken)
                {
                    flush = BeginFlush();
                    continue;
                }
                idle?.TrySetResult();
            }
            if (!TakeWantsMore()) return;
            var delivery = Delivery.Rent(time);
            Source?.Pump(delivery);
            delivery.Return();
            return;
        }
    }

    // The first topics of a connection get the aliases; later ones are sent in full. The mapping lasts as long as the connection [MQTT-3.3.2-7].
    private (ushort Alias, bool Known) Alias(ReadOnlySpan<byte> topic)
    {
        aliases ??= new(Utf8Comparer.Instance);
        if (aliases.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out ushort alias)) return (alias, true);
        return aliases.Count < TopicAliasMaximum ? ((ushort)(aliases.Count + 1), false) : default;
    }
}
