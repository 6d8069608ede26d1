using System.Buffers;
using System.IO.Pipelines;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Microsoft.Extensions.Logging;

namespace Broker.Core.Connections;

/// <summary>
/// One client's connection from its first byte to its last. The read loop takes every complete packet that has arrived, deals with each, and then flushes
/// every outbox that it wrote to, once; it waits for nothing but bytes, and for room where its own client does not take its replies.
/// </summary>
internal sealed partial class ClientConnection : IConnection
{
    private const int LongestReason = 1_000;

    private static readonly TimeSpan FlushAtEnd = TimeSpan.FromSeconds(1), Linger = TimeSpan.FromSeconds(2);

    private readonly ConnectionServices services;
    private readonly ILogger logger;
    private readonly ClientTransport transport;
    private readonly PipeReader input;
    private readonly Traffic traffic = new();
    private readonly ConnectionTimer timer;
    private CancellationTokenSource? ending;
    private TaskCompletionSource? detached;
    private ConnectionEnd? end;
    private ProtocolVersion version;
    private string clientIdentifier = "";
    private Outbox? outbox;
    private Session? session;
    private AcknowledgementQueue? acknowledgements;
    private Denials? denials;
    private PublishFlow? publishing;
    private SubscribeFlow? subscribing;
    private AuthenticationFlow? authentication;
    private List<JournalUnit>? elided;
    private bool accepted;
    private long unread;
    private ITimer? proofEnds;

    public ClientConnection(ConnectionServices services, ClientTransport transport)
    {
        this.services = services;
        logger = services.Logger;
        this.transport = transport;
        input = transport.Pipe.Input;
        timer = new ConnectionTimer(services.Time, this);
    }

    /// <summary>The bytes that the broker holds in memory of this client and for it; none any more once the connection ends. Perhaps a moment late.</summary>
    public long Held => Volatile.Read(ref end) is not null ? 0 : unread + heldBytes + (outbox?.WaitingBytes ?? 0) + (session?.MemoryBytes ?? 0);

    Task IConnection.Detached => Leaving.Task;

    // Few are waited for.
    private TaskCompletionSource Leaving => LazyInitializer.EnsureInitialized(ref detached, static () => new(TaskCreationOptions.RunContinuationsAsynchronously));

    // Of what waits while it connects or authenticates.
    private CancellationToken Ending
    {
        get
        {
            var source = LazyInitializer.EnsureInitialized(ref ending, static () => new CancellationTokenSource());
            if (Volatile.Read(ref end) is not null) source.Cancel();
            return source.Token;
        }
    }

    // Many only subscribe.
    private PublishFlow Publishing => publishing ??= new PublishFlow(services, session!, version, acknowledgements!, denials!, traffic);

    /// <summary>Ends the connection with a reason: from any thread, at once. The first reason counts.</summary>
    public void Disconnect(ReasonCode reason, string why) => TryEnd(new ConnectionEnd(EndedBy.Server, reason, why));

    /// <summary>Serves the client until the connection has ended. Never throws.</summary>
    /// <param name="pending">Has a place for as many connections as may be before their CONNACK.</param>
    /// <param name="gone">Told at the end.</param>
    public async Task RunAsync(SemaphoreSlim pending, Action<ClientConnection> gone)
    {
        services.Counters.Open(traffic);
        try
        {
            await pending.WaitAsync(Ending).ConfigureAwait(false);
            try
            {
                timer.Start(services.Limits.ConnectTimeout);
                await ConnectAsync().ConfigureAwait(false);
            }
            finally
            {
                pending.Release();
                Volatile.Write(ref ending, null);
            }
            if (accepted) await ReadAsync().ConfigureAwait(false);
        }
        catch (ProtocolViolation violation)
        {
            TryEnd(new ConnectionEnd(EndedBy.Server, violation.Reason, violation.Message));
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            TryEnd(new ConnectionEnd(EndedBy.Network, ReasonCode.UnspecifiedError, exception.Message));
        }
        catch (Exception exception)
        {
            LogFailed(exception, clientIdentifier);
            TryEnd(new ConnectionEnd(EndedBy.Server, ReasonCode.UnspecifiedError, "the broker failed on what it sent"));
        }
        await EndAsync().ConfigureAwait(false);
        gone(this);
    }

    private async Task ReadAsync()
    {
        while (end is null)
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            var buffer = read.Buffer;
            try
            {
                HandlePackets(ref buffer);
            }
            finally
            {
                input.AdvanceTo(buffer.Start, buffer.End);
            }
            if (read.IsCompleted) TryEnd(new ConnectionEnd(EndedBy.Network, ReasonCode.UnspecifiedError, "it closed the connection without DISCONNECT"));
            else if (HoldsEnough) await WaitForStoreAsync().ConfigureAwait(false);
            else if (outbox!.IsFull) await WaitForRoomAsync().ConfigureAwait(false);
        }
    }

    // A client that does not take its replies is not read, and its silence does not count.
    private async Task WaitForRoomAsync()
    {
        timer.Suspend();
        var room = outbox!.WaitForRoomAsync();
        if (Volatile.Read(ref end) is null) await room.ConfigureAwait(false); // whoever ends the connection from here on wakes it
        timer.Resume();
    }

    private void HandlePackets(ref ReadOnlySequence<byte> buffer)
    {
        bool heard = false;
        long before = buffer.Length;
        var delivery = Delivery.Rent(services.Time);
        try
        {
            PublishHeld(delivery);
            while (end is null && !HoldsEnough && PacketBuffer.TryTake(ref buffer, services.Limits.MaximumPacketSize, out byte first, out var body))
            {
                if (!heard) timer.Touch(); // before any answer leaves
                heard = true;
                Handle(first, body, delivery);
            }
        }
        finally
        {
            unread = buffer.Length;
            traffic.BytesReceived += before - unread;
            if (delivery.TakeUnit() is { } unit) services.Journal.Append(unit); // what was changed before a packet turned out to be wrong
            delivery.Return();
            TellElided();
        }
    }

    private void Handle(byte first, ReadOnlyMemory<byte> body, Delivery delivery)
    {
        traffic.PacketsReceived++;
        switch (PacketCodec.RequireHeader(first, version, Sender.Client))
        {
            case ControlPacketType.Publish: HandlePublish(first, body, delivery); break;
            case ControlPacketType.PubAck: Acknowledged(PubAck.Read(body, version, Sender.Client), delivery); break;
            case ControlPacketType.PubRec: Publishing.Received(PubRec.Read(body, version, Sender.Client), delivery); break;
            case ControlPacketType.PubRel: Publishing.Release(PubRel.Read(body, version, Sender.Client), delivery); break;
            case ControlPacketType.PubComp: session!.Complete(PubComp.Read(body, version, Sender.Client).PacketIdentifier, delivery); break;
            case ControlPacketType.Subscribe: subscribing!.Subscribe(Subscribe.Read(body, version), delivery); break;
            case ControlPacketType.Unsubscribe: subscribing!.Unsubscribe(Unsubscribe.Read(body, version), delivery); break;
            case ControlPacketType.PingReq: PingReq.Read(body); outbox!.Write(default(PingResp), delivery); break;
            case ControlPacketType.Disconnect: Disconnected(Protocol.Disconnect.Read(body, version, Sender.Client)); break;
            case ControlPacketType.Auth: Reauthenticate(Auth.Read(body, Sender.Client)); break;
            default: ProtocolViolation.Throw(ReasonCode.ProtocolError, "a second CONNECT"); break; // [MQTT-3.1.0-2]
        }
    }

    private void Acknowledged(in PubAck acknowledged, Delivery delivery)
    {
        if (session!.Acknowledge(acknowledged.PacketIdentifier, delivery) is { } unit) (elided ??= []).Add(unit);
    }

    private void TellElided()
    {
        if (elided is not { Count: > 0 }) return;
        services.Journal.TellElided(elided);
        elided.Clear();
    }

    private void Disconnected(Disconnect disconnect)
    {
        if (disconnect.Properties.Number(PropertyId.SessionExpiryInterval) is { } interval)
        {
            if (session!.ExpiryInterval == 0 && interval > 0)
                ProtocolViolation.Throw(ReasonCode.ProtocolError, "DISCONNECT asks for a session expiry where CONNECT asked for none");
            session.ExpiryInterval = ConnectHandshake.Granted(interval, services.Limits);
        }
        TryEnd(new ConnectionEnd(EndedBy.Client, disconnect.Reason, disconnect.Properties.Text(PropertyId.ReasonString) ?? "it disconnected"));
    }

    private void Reauthenticate(Auth auth)
    {
        if (authentication is null) ProtocolViolation.Throw(ReasonCode.ProtocolError, "AUTH without an authentication method in CONNECT"); // [MQTT-4.12.0-7]
        authentication.Continue(auth, outbox!, Ending);
    }

    /// <summary>The client has been silent for too long.</summary>
    public void EndSilent()
    {
        if (accepted) Disconnect(ReasonCode.KeepAliveTimeout, $"keep alive missed: last packet {timer.Silence.TotalSeconds:0} s before");
        else Disconnect(ReasonCode.UnspecifiedError, $"no CONNECT within {services.Limits.ConnectTimeout.TotalSeconds:0} s");
    }

    private bool TryEnd(ConnectionEnd reason)
    {
        if (Interlocked.CompareExchange(ref end, reason, null) is not null) return false;
        Volatile.Read(ref ending)?.Cancel();
        proofEnds?.Dispose();
        outbox?.Wake();
        storeReady?.TrySetResult();
        input.CancelPendingRead();
        return true;
    }
}
