using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Microsoft.Extensions.Logging;

namespace Broker.Core.Connections;

/// <content>How a connection ends.</content>
internal sealed partial class ClientConnection
{
    private async Task EndAsync()
    {
        TryEnd(new ConnectionEnd(EndedBy.Network, ReasonCode.UnspecifiedError, "it ended"));
        var why = end!;
        timer.Dispose();
        Count(-heldBytes);
        try
        {
            if (accepted)
            {
                LogDisconnected(clientIdentifier, why.By, why.Reason, why.Told);
                if (why.By == EndedBy.Server) SayWhy(why);
            }
        }
        catch (Exception exception)
        {
            LogFailed(exception, clientIdentifier);
        }
        Detach(why);
        await CloseAsync(why).ConfigureAwait(false);
        services.Counters.Close(traffic);
    }

    // Whatever else fails: a session that its connection held on to could never be taken over.
    private void Detach(ConnectionEnd why)
    {
        try
        {
            if (session is not null) services.Sessions.Detach(session, outbox!, accepted && why.WillIsDue);
        }
        catch (Exception exception)
        {
            LogFailed(exception, clientIdentifier);
        }
        TakeLeave(why); // before its next connection is told of
        if (accepted) services.Counters.Disconnected(); // once its session has let go of it
        Leaving.TrySetResult();
    }

    private void SayWhy(ConnectionEnd why)
    {
        if (version != ProtocolVersion.V5) return;
        var disconnect = new Disconnect(ReasonCodes.IsAllowed(why.Reason, ControlPacketType.Disconnect, Sender.Server) ? why.Reason : ReasonCode.UnspecifiedError);
        var explained = disconnect with { Properties = Explanation(why.Reason, why.Why) };
        var delivery = Delivery.Rent(services.Time);
        outbox!.WriteLast(explained.MaximumBodyLength + 5 <= outbox.MaximumPacketSize ? explained : disconnect, delivery); // [MQTT-3.14.2-3]
        delivery.Return();
    }

    // What a client sent may stand in the reason.
    private Properties Explanation(ReasonCode reason, string why)
    {
        var properties = new PropertiesBuilder();
        if (reason is ReasonCode.UseAnotherServer or ReasonCode.ServerMoved) properties.Add(PropertyId.ServerReference, services.Redirect.ServerReference);
        return properties.Add(PropertyId.ReasonString, why.Length <= LongestReason ? why : why[..LongestReason]).Build();
    }

    // A reason that was sent last must arrive: closing with unread bytes would make TCP send a reset and lose it. So the broker says that it sends no more,
    // and reads on for a moment until the client has closed too. A refusal stands in the pipe itself, behind no outbox.
    private async Task CloseAsync(ConnectionEnd why)
    {
        var (reader, writer) = (transport.Pipe.Input, transport.Pipe.Output);
        try
        {
            if (outbox is not null) await outbox.CloseAsync().WaitAsync(FlushAtEnd, services.Time).ConfigureAwait(false);
            if (!accepted) await writer.FlushAsync().AsTask().WaitAsync(FlushAtEnd, services.Time).ConfigureAwait(false);
            if (why.By == EndedBy.Client && transport.ClosesQuietly)
            {
                await reader.CompleteAsync().ConfigureAwait(false);
                return;
            }
            if (why.By != EndedBy.Network)
            {
                await transport.HalfCloseAsync().ConfigureAwait(false);
                await DrainAsync().WaitAsync(Linger, services.Time).ConfigureAwait(false);
            }
            await reader.CompleteAsync().ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            transport.Abort(); // it takes nothing more, or sends without end
        }
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Client '{client}' connected from {address} by {listener} with {version}")]
    private partial void LogConnected(string client, string? address, string listener, ProtocolVersion version);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Client '{client}' disconnected by {by}, {reason}: {why}")]
    private partial void LogDisconnected(string client, EndedBy by, ReasonCode reason, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Client '{client}' from {address} was refused, {reason}: {why}")]
    private partial void LogRefused(string client, string? address, ReasonCode reason, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "The connection of client '{client}' ends because the broker failed on it")]
    private partial void LogFailed(Exception exception, string client);
}
