using System.Buffers;
using System.IO.Pipelines;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Microsoft.Extensions.Logging;

namespace Broker.Core.Connections;

/// <summary>
/// One client's connection from its first byte to its last. The read loop takes every complete packet that has arrived, deals with each, and then flushes
/// every outbox that it wrote to, once; it waits for nothing but bytes, and for room where its own client does not take its replies.
/// </summary>
internal sealed partial class ClientConnection
{
    private static readonly TimeSpan FlushAtEnd = TimeSpan.FromSeconds(1), Linger = TimeSpan.FromSeconds(2);

    private readonly ConnectionServices services;
    private readonly ILogger logger;
    private readonly ClientTransport transport;
    private readonly PipeReader input;
    private readonly Traffic traffic = new();
    private readonly ConnectionTimer timer;
    private readonly TaskCompletionSource detached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource ending = new();
    private ConnectionEnd? end;
    private ProtocolVersion version;
    private string clientIdentifier = "";
    private Outbox? outbox;
    private Session? session;
    private AcknowledgementQueue? acknowledgements;
    private PublishFlow? publishing;
    private SubscribeFlow? subscribing;
    private AuthenticationFlow? authentication;
    private bool accepted;

    public ClientConnection(ConnectionServices services, ClientTransport transport)
    {
        this.services = services;
        logger = services.Logger;
        this.transport = transport;
        input = transport.Pipe.Input;
        timer = new ConnectionTimer(services.Time, Silent);
    }

    /// <summary>Ends the connection with a reason: from any thread, at once. The first reason counts.</summary>
    public void Disconnect(ReasonCode reason, string why) => TryEnd(new ConnectionEnd(EndedBy.Server, reason, why));

    /// <summary>Serves the client until the connection has ended. Never throws.</summary>
    public async Task RunAsync(SemaphoreSlim pending)
    {
        services.Counters.Open(traffic);
        try
        {
            await pending.WaitAsync(ending.Token).ConfigureAwait(false);
            try
            {
                timer.Start(services.Limits.ConnectTimeout);
                await ConnectAsync().ConfigureAwait(false);
            }
            finally
            {
                pending.Release();
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
    }

    private async Task ConnectAsync()
    {
        if (await ReadPacketAsync(RequireConnect).ConfigureAwait(false) is not { } packet) return;
        Connect connect;
        try
        {
            connect = Protocol.Connect.Read(packet.Body);
        }
        catch (ProtocolViolation violation)
        {
            Refuse(Protocol.Connect.ReplyVersion(packet.Body), violation, 0);
            return;
        }
        version = connect.Version;
        clientIdentifier = connect.ClientIdentifier;
        try
        {
            await AttachAsync(connect).ConfigureAwait(false);
        }
        catch (ProtocolViolation violation)
        {
            Refuse(version, violation, connect.Properties.Number(PropertyId.MaximumPacketSize) ?? uint.MaxValue);
        }
    }

    private async Task AttachAsync(Connect connect)
    {
        var handshake = new ConnectHandshake(services, transport);
        var identity = await handshake.AdmitAsync(connect, AskAsync, ending.Token).ConfigureAwait(false);
        clientIdentifier = identity.ClientIdentifier;
        var attachment = handshake.Attachment(connect, clientIdentifier);
        var (silence, announced) = handshake.KeepAlive(connect);
        outbox = new Outbox(transport.Pipe.Output, version, services.Limits, services.Time, traffic)
        {
            MaximumPacketSize = connect.Properties.Number(PropertyId.MaximumPacketSize) ?? uint.MaxValue,
            TopicAliasMaximum = (ushort)(connect.Properties.Number(PropertyId.TopicAliasMaximum) ?? 0),
            ProblemInformation = connect.Properties.Number(PropertyId.RequestProblemInformation) != 0,
            Disconnect = Disconnect,
            Detached = detached.Task,
        };
        (session, bool present) = await services.Sessions.AttachAsync(attachment, outbox).ConfigureAwait(false);
        if (end is not null) return;

        acknowledgements = new AcknowledgementQueue(outbox, services.Journal, services.Time);
        publishing = new PublishFlow(services, session, identity, version, acknowledgements, traffic);
        subscribing = new SubscribeFlow(services, session, identity, version, acknowledgements);
        authentication = handshake.Authentication;
        accepted = true;
        services.Counters.Connected();
        LogConnected(clientIdentifier, transport.RemoteEndPoint?.ToString(), transport.Listener, version);
        timer.Start(silence);
        var delivery = Delivery.Rent(services.Time);
        session.Open(outbox, handshake.Accept(connect, attachment, present, announced), delivery);
        session.TakeOverShared(delivery);
        delivery.Return();
    }

    // Before CONNACK: one packet, whole, and within its time. What follows it stays in the pipe [MQTT-3.1.4-6].
    private async Task<(byte First, byte[] Body)?> ReadPacketAsync(Action<byte> requireFirst)
    {
        while (true)
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            var buffer = read.Buffer;
            bool taken = false;
            try
            {
                if (end is not null) return null;
                if (!buffer.IsEmpty) requireFirst(buffer.FirstSpan[0]);
                long before = buffer.Length;
                taken = PacketBuffer.TryTake(ref buffer, services.Limits.MaximumConnectPacketSize, out byte first, out var packet);
                if (taken)
                {
                    traffic.PacketsReceived++;
                    traffic.BytesReceived += before - buffer.Length;
                    return (first, packet.ToArray());
                }
            }
            finally
            {
                input.AdvanceTo(buffer.Start, taken ? buffer.Start : buffer.End);
            }
            if (!read.IsCompleted) continue;
            TryEnd(new ConnectionEnd(EndedBy.Network, ReasonCode.UnspecifiedError, "it closed before it was connected"));
            return null;
        }
    }

    private static void RequireConnect(byte first)
    {
        if (first != (byte)ControlPacketType.Connect << 4) // [MQTT-3.1.0-1]
            ProtocolViolation.Throw(ReasonCode.ProtocolError, "the first packet is not CONNECT");
    }

    // Until CONNACK the client sends nothing but AUTH and DISCONNECT [MQTT-3.1.2-30].
    private async Task<Auth> AskAsync(Auth question)
    {
        PacketCodec.Write(question, version, transport.Pipe.Output);
        await transport.Pipe.Output.FlushAsync(ending.Token).ConfigureAwait(false);
        if (await ReadPacketAsync(static _ => { }).ConfigureAwait(false) is not { } packet) throw new OperationCanceledException("it closed before it was connected");
        var type = PacketCodec.RequireHeader(packet.First, version, Sender.Client);
        if (type == ControlPacketType.Disconnect) throw new OperationCanceledException("it disconnected before it was connected");
        if (type != ControlPacketType.Auth) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"{type} before CONNACK");
        return Auth.Read(packet.Body, Sender.Client);
    }

    private async Task ReadAsync()
    {
        while (end is null)
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            var buffer = read.Buffer;
            try
            {
                if (HandlePackets(ref buffer)) timer.Touch();
            }
            finally
            {
                input.AdvanceTo(buffer.Start, buffer.End);
            }
            if (read.IsCompleted) TryEnd(new ConnectionEnd(EndedBy.Network, ReasonCode.UnspecifiedError, "it closed the connection without DISCONNECT"));
            else if (outbox!.IsFull) await WaitForRoomAsync().ConfigureAwait(false);
        }
    }

    // A client that does not take its replies is not read, and its silence does not count.
    private async Task WaitForRoomAsync()
    {
        timer.Suspend();
        await outbox!.WaitForRoomAsync().ConfigureAwait(false);
        timer.Resume();
    }

    private bool HandlePackets(ref ReadOnlySequence<byte> buffer)
    {
        bool any = false;
        long before = buffer.Length;
        var delivery = Delivery.Rent(services.Time);
        try
        {
            while (end is null && PacketBuffer.TryTake(ref buffer, services.Limits.MaximumPacketSize, out byte first, out var body))
            {
                any = true;
                Handle(first, body, delivery);
            }
        }
        finally
        {
            traffic.BytesReceived += before - buffer.Length;
            delivery.Return();
        }
        return any;
    }

    private void Handle(byte first, ReadOnlyMemory<byte> body, Delivery delivery)
    {
        traffic.PacketsReceived++;
        switch (PacketCodec.RequireHeader(first, version, Sender.Client))
        {
            case ControlPacketType.Publish: publishing!.Publish(Publish.Read(first, body, version, Sender.Client), delivery); break;
            case ControlPacketType.PubAck: session!.Acknowledge(PubAck.Read(body, version, Sender.Client).PacketIdentifier, delivery); break;
            case ControlPacketType.PubRec: publishing!.Received(PubRec.Read(body, version, Sender.Client), delivery); break;
            case ControlPacketType.PubRel: publishing!.Release(PubRel.Read(body, version, Sender.Client), delivery); break;
            case ControlPacketType.PubComp: session!.Complete(PubComp.Read(body, version, Sender.Client).PacketIdentifier, delivery); break;
            case ControlPacketType.Subscribe: subscribing!.Subscribe(Subscribe.Read(body, version), delivery); break;
            case ControlPacketType.Unsubscribe: subscribing!.Unsubscribe(Unsubscribe.Read(body, version), delivery); break;
            case ControlPacketType.PingReq: PingReq.Read(body); outbox!.Write(default(PingResp), delivery); break;
            case ControlPacketType.Disconnect: Disconnected(Protocol.Disconnect.Read(body, version, Sender.Client)); break;
            case ControlPacketType.Auth: Reauthenticate(Auth.Read(body, Sender.Client)); break;
            default: ProtocolViolation.Throw(ReasonCode.ProtocolError, "a second CONNECT"); break; // [MQTT-3.1.0-2]
        }
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
        authentication.Continue(auth, outbox!, ending.Token);
    }

    private void Silent()
    {
        if (accepted) Disconnect(ReasonCode.KeepAliveTimeout, $"keep alive missed: last packet {timer.Silence.TotalSeconds:0} s before");
        else Disconnect(ReasonCode.UnspecifiedError, $"no CONNECT within {services.Limits.ConnectTimeout.TotalSeconds:0} s");
    }

    private bool TryEnd(ConnectionEnd reason)
    {
        if (Interlocked.CompareExchange(ref end, reason, null) is not null) return false;
        ending.Cancel();
        outbox?.Wake();
        input.CancelPendingRead();
        return true;
    }

    // A refusal before CONNACK 0x00 is told by CONNACK, never by DISCONNECT [MQTT-3.14.0-1]; where no code fits, by closing.
    private void Refuse(ProtocolVersion? form, ProtocolViolation violation, uint maximumPacketSize)
    {
        LogRefused(clientIdentifier, transport.RemoteEndPoint?.ToString(), violation.Reason, violation.Message);
        bool told = form == ProtocolVersion.V5 || (form is not null && violation.Reason.ToReturnCode() is not null);
        if (told && end is null)
        {
            var refused = new ConnAck(false, violation.Reason);
            var explained = refused with { Properties = Explanation(violation.Reason, violation.Message) };
            bool fits = form == ProtocolVersion.V5 && explained.MaximumBodyLength + 5 <= maximumPacketSize; // [MQTT-3.2.2-19]
            PacketCodec.Write(fits ? explained : refused, form!.Value, transport.Pipe.Output);
        }
        TryEnd(new ConnectionEnd(EndedBy.Server, violation.Reason, violation.Message));
    }
}
