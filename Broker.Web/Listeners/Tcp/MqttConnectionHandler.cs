using System.IO.Pipelines;
using System.Text;
using Broker.Core.Connections;
using Broker.Web.Listeners.Sockets;
using Broker.Web.Listeners.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Web.Listeners.Tcp;

/// <summary>Serves one client until its connection has ended.</summary>
internal delegate Task ServeClient(ClientTransport transport);

/// <summary>What a connection on an MQTT listener comes to, after TLS where that is spoken: a look at its first bytes, then the broker.</summary>
internal sealed partial class MqttConnectionHandler(
    ServeClient serve, Newcomers newcomers, BoundListeners bound, TimeProvider time, ILogger<MqttConnectionHandler> log) : ConnectionHandler
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var accepted = connection.Features.GetRequiredFeature<SocketConnection>().EndPoint;
        var certified = connection.Features.Get<CertifiedClient>();
        var transport = new TcpTransport(connection)
        {
            Listener = accepted.Url,
            RemoteEndPoint = connection.RemoteEndPoint,
            IsEncrypted = connection.Features.Get<ITlsHandshakeFeature>() is not null,
            Anonymous = accepted.Anonymous,
            CertifiedUserName = certified?.UserName,
            Revoked = certified?.Revoked,
        };
        try
        {
            switch (await GreetAsync(transport))
            {
                case Greeting.Mqtt:
                    await serve(transport);
                    break;
                case Greeting.Http:
                    LogHttp(log, transport.Listener, connection.RemoteEndPoint);
                    await HintAsync(transport);
                    break;
                case Greeting.Tls:
                    LogTls(log, transport.Listener, connection.RemoteEndPoint, accepted.Settings.Index);
                    break;
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client left before it was known what it speaks. (ConnectionResetException and its kin are IOExceptions.)
        }
    }

    /// <summary>Looks at the first bytes and leaves them for the broker. A client that sends none within the time for CONNECT is let go.</summary>
    private async ValueTask<Greeting> GreetAsync(TcpTransport transport)
    {
        using var newcomer = newcomers.Add(transport);
        var input = transport.Pipe.Input;
        while (true)
        {
            var read = await input.ReadAsync();
            var greeting = ForeignProtocol.Recognise(read.Buffer);
            if (greeting == Greeting.Unclear && read.IsCompleted) return greeting;
            // Unclear: all was seen, so that the next read waits for more. Else nothing was, so that the broker's first read has it at once.
            input.AdvanceTo(read.Buffer.Start, greeting == Greeting.Unclear ? read.Buffer.End : read.Buffer.Start);
            if (greeting != Greeting.Unclear) return greeting;
        }
    }

    private async Task HintAsync(TcpTransport transport)
    {
        var text = $"This is an MQTT port ({transport.Listener}).\n" +
            string.Concat(bound.Http.Select(url => $"The dashboard is at {url}\n")) +
            string.Concat(bound.WebSocket.Select(url => $"MQTT over WebSocket is at {url}\n"));
        var answer = $"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\nConnection: close\r\n\r\n{text}";
        await transport.Pipe.Output.WriteAsync(Encoding.UTF8.GetBytes(answer));
        await transport.HalfCloseAsync();
        await DrainAsync(transport.Pipe.Input);
    }

    // Unread bytes would turn the close into a reset that can destroy the answer.
    private async ValueTask DrainAsync(PipeReader input)
    {
        using var patience = new CancellationTokenSource(Farewell, time);
        while (true)
        {
            var read = await input.ReadAsync(patience.Token);
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Client} sent an HTTP request to {Listener}, an MQTT port; it was told the right address")]
    private static partial void LogHttp(ILogger log, string listener, System.Net.EndPoint? client);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Client} began TLS on {Listener}, which speaks none; a TLS listener has a URL that begins with mqtts:// and a certificate (Mqtt:Listeners:{Index})")]
    private static partial void LogTls(ILogger log, string listener, System.Net.EndPoint? client, int index);
}
