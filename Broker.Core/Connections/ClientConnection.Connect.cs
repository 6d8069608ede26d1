using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Core.Connections;

/// <content>How a connection begins: CONNECT, perhaps AUTH, CONNACK (MQTT 5, section 3.1.4).</content>
internal sealed partial class ClientConnection
{
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
        timer.Suspend(); // from here on the client waits for the broker
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
        await handshake.RequireReadyAsync(Ending).ConfigureAwait(false);
        var identity = await handshake.AdmitAsync(connect, AskAsync, Ending).ConfigureAwait(false);
        clientIdentifier = identity.ClientIdentifier;
        EndWith(transport.Revoked);
        EndWith(handshake.Revoked);
        if (end is not null) return; // nobody loses a session to it
        var attachment = handshake.Attachment(connect, identity);
        var (silence, announced) = handshake.KeepAlive(connect);
        outbox = new Outbox(transport.Pipe.Output, version, services.Limits, services.Time, traffic, this)
        {
            MaximumPacketSize = connect.Properties.Number(PropertyId.MaximumPacketSize) ?? uint.MaxValue,
            TopicAliasMaximum = (ushort)(connect.Properties.Number(PropertyId.TopicAliasMaximum) ?? 0),
            ProblemInformation = connect.Properties.Number(PropertyId.RequestProblemInformation) != 0,
        };
        (session, bool present) = await services.Sessions.AttachAsync(attachment, outbox, Ending).ConfigureAwait(false);
        if (end is not null) return;

        acknowledgements = new AcknowledgementQueue(outbox, services.Journal, services.Time) { Waited = services.AcknowledgedAfter };
        denials = new Denials(services, clientIdentifier);
        subscribing = new SubscribeFlow(services, session, version, acknowledgements, denials);
        authentication = handshake.Authentication;
        accepted = true;
        services.Counters.Connected();
        Introduce(identity);
        LogConnected(clientIdentifier, transport.RemoteEndPoint?.ToString(), transport.Listener, version);
        timer.Resume();
        timer.Start(silence);
        if (identity.Until is { } until) End(until);
        var delivery = Delivery.Rent(services.Time);
        session.Open(outbox, handshake.Accept(connect, attachment, present, announced), delivery);
        session.TakeOverShared(delivery);
        delivery.Return();
    }

    // What the client has proven ends with it.
    private void EndWith(Revocation? revocation) => revocation?.Token.UnsafeRegister(
        _ => TryEnd(new ConnectionEnd(EndedBy.Server, ReasonCode.NotAuthorized, "what it has proven itself with counts no more") { Detail = revocation.Why }), null);

    // What the client has proven ends then.
    private void End(DateTimeOffset until)
    {
        var left = until - services.Time.GetUtcNow();
        var most = TimeSpan.FromDays(40); // longer than a timer can be
        proofEnds = services.Time.CreateTimer(_ =>
        {
            if (left > most) End(until);
            else Disconnect(ReasonCode.NotAuthorized, "what it has proven itself with has expired");
        }, null, left < TimeSpan.Zero ? TimeSpan.Zero : left > most ? most : left, Timeout.InfiniteTimeSpan);
        if (end is not null) proofEnds.Dispose();
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
        await transport.Pipe.Output.FlushAsync(Ending).ConfigureAwait(false);
        timer.Resume();
        var answer = await ReadPacketAsync(static _ => { }).ConfigureAwait(false);
        timer.Suspend();
        if (answer is not { } packet) throw new OperationCanceledException("it closed before it was connected");
        var type = PacketCodec.RequireHeader(packet.First, version, Sender.Client);
        if (type == ControlPacketType.Disconnect) throw new OperationCanceledException("it disconnected before it was connected");
        if (type != ControlPacketType.Auth) ProtocolViolation.Throw(ReasonCode.ProtocolError, $"{type} before CONNACK");
        return Auth.Read(packet.Body, Sender.Client);
    }

    // A refusal before CONNACK 0x00 is told by CONNACK, never by DISCONNECT [MQTT-3.14.0-1]; where no code fits, by closing.
    private void Refuse(ProtocolVersion? form, ProtocolViolation violation, uint maximumPacketSize)
    {
        LogRefused(clientIdentifier, transport.RemoteEndPoint?.ToString(), violation.Reason, violation.Told);
        services.Events.Tell(new ClientRefused(clientIdentifier, transport.RemoteEndPoint?.ToString(), violation.Reason, violation.Told));
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
