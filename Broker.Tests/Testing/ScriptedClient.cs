using System.Text;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;

namespace Broker.Tests.Testing;

/// <summary>
/// A client that does what a test tells it and nothing else: it answers no packet by itself. Each expectation waits for the next packet, ten seconds at most, and
/// what does not come tells what came. Nothing waits for a time to pass: that nothing came is proven by a PINGREQ whose answer comes next
/// (<see cref="FenceAsync"/>).
/// </summary>
public sealed partial class ScriptedClient(RawStream stream, ProtocolVersion version, string name) : IDisposable
{
    private static readonly TimeSpan Deadline = RunningProgram.Patience;
    private const int Remembered = 20;
    private readonly List<string> received = [];
    private readonly Queue<IControlPacket> setAside = [];
    private byte[] pending = [];
    private bool ended;

    /// <summary>The protocol version that it speaks.</summary>
    public ProtocolVersion Version => version;

    /// <summary>The client identifier that it connected with.</summary>
    public string ClientIdentifier { get; private set; } = name;

    /// <summary>What carries its bytes.</summary>
    public RawStream Stream => stream;

    /// <summary>Opens a connection; nothing is sent yet.</summary>
    public static async Task<ScriptedClient> OpenAsync(BrokerAddress address, Transport transport, ProtocolVersion version, string name, int? receiveBuffer = null)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        RawStream stream = transport == Transport.Tcp
            ? await TcpRawStream.OpenAsync(address.MqttPort, receiveBuffer, deadline.Token)
            : await WebSocketRawStream.OpenAsync(address.HttpPort, version == ProtocolVersion.V31 ? "mqttv3.1" : "mqtt", receiveBuffer, cancellation: deadline.Token);
        return new ScriptedClient(stream, version, name);
    }

    /// <summary>Sends a packet.</summary>
    public Task SendAsync(IControlPacket packet) => SendRawAsync(PacketCodec.ToArray(packet, version));

    /// <summary>Sends several packets in one piece.</summary>
    public Task SendAsync(params IControlPacket[] packets) => SendRawAsync([.. packets.SelectMany(packet => PacketCodec.ToArray(packet, version))]);

    /// <summary>Sends bytes in the notation of <see cref="Hex"/>.</summary>
    public Task SendRawAsync(string notation) => SendRawAsync(Hex.Parse(notation));

    /// <summary>Sends bytes.</summary>
    public async Task SendRawAsync(byte[] bytes)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await stream.SendAsync(bytes, deadline.Token);
        }
        catch (Exception error) when (error is not ScriptException)
        {
            throw Failure($"it could not send {Hex.Format(bytes)}", error);
        }
    }

    /// <summary>Takes the next packet, which must be of this type.</summary>
    public async Task<TPacket> ExpectAsync<TPacket>() where TPacket : IControlPacket
    {
        var packet = await NextAsync($"{typeof(TPacket).Name}") ?? throw Failure($"it expected {typeof(TPacket).Name}, and the connection ended ({stream.HowItEnded})");
        return packet is TPacket wanted ? wanted : throw Failure($"it expected {typeof(TPacket).Name}");
    }

    /// <summary>Takes the next packets, which must all be of this type.</summary>
    public async Task<TPacket[]> ExpectManyAsync<TPacket>(int count) where TPacket : IControlPacket
    {
        var packets = new TPacket[count];
        for (int i = 0; i < count; i++) packets[i] = await ExpectAsync<TPacket>();
        return packets;
    }

    /// <summary>Takes the next packet, whatever it is.</summary>
    public async Task<IControlPacket> ExpectAnyAsync() =>
        await NextAsync("a packet") ?? throw Failure($"it expected a packet, and the connection ended ({stream.HowItEnded})");

    /// <summary>Takes the next packet, or null when the broker has ended the connection.</summary>
    public Task<IControlPacket?> NextOrEndAsync() => NextAsync("a packet or the end of the connection");

    /// <summary>The broker must end the connection next, without another packet.</summary>
    public async Task ExpectClosedAsync()
    {
        if (await NextAsync("the end of the connection") is not null) throw Failure("it expected the end of the connection");
    }

    /// <summary>
    /// The broker must end the connection, with MQTT 5 by a DISCONNECT with an error code and then the end, or by the end alone.
    /// </summary>
    /// <returns>The reason code, or null if there was none.</returns>
    public async Task<ReasonCode?> ExpectRefusedAsync()
    {
        ReasonCode? reason = null;
        switch (await NextAsync("a refusal"))
        {
            case Disconnect disconnect when version == ProtocolVersion.V5: reason = disconnect.Reason; break;
            case null: return null;
            default: throw Failure("it expected to be refused");
        }
        if (!reason.Value.IsError()) throw Failure("it expected to be refused with an error");
        await ExpectClosedAsync();
        return reason;
    }

    /// <summary>
    /// The broker must not let this client in: CONNACK with an error and then the end, or the end alone. A DISCONNECT would be wrong [MQTT-3.14.0-1].
    /// </summary>
    /// <returns>The reason code, or null if there was none.</returns>
    public async Task<ReasonCode?> ExpectNotAcceptedAsync()
    {
        switch (await NextAsync("CONNACK with an error"))
        {
            case ConnAck { SessionPresent: false } connAck when connAck.Reason.IsError():
                await ExpectClosedAsync();
                return connAck.Reason;
            case null: return null;
            default: throw Failure("it expected not to be let in");
        }
    }

    /// <summary>Proves that the broker has handled everything sent before and that no packet was on its way: sends PINGREQ, and PINGRESP must come next.</summary>
    public async Task FenceAsync()
    {
        await SendAsync(default(PingReq));
        await ExpectAsync<PingResp>();
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Cut() => stream.Cut();

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private async Task<IControlPacket?> NextAsync(string expected) => setAside.TryDequeue(out var earlier) ? earlier : await ReadAsync(expected);

    private async Task<IControlPacket?> ReadAsync(string expected)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            while (!ended)
            {
                if (PacketCodec.TryFindPacket(pending, int.MaxValue, out byte first, out int headerLength, out int length)) return Take(first, headerLength, length);
                var bytes = await stream.ReceiveAsync(deadline.Token);
                if (bytes.IsEmpty) ended = true;
                else pending = [.. pending, .. bytes.Span];
            }
            return null;
        }
        catch (OperationCanceledException timeout)
        {
            throw Failure($"it expected {expected}, and nothing came for {Deadline.TotalSeconds:0} s", timeout);
        }
        catch (ProtocolViolation violation)
        {
            throw Failure($"it expected {expected}, and what came breaks the standard: {violation.Message}: {Hex.Format(pending)}", violation);
        }
    }

    private IControlPacket Take(byte first, int headerLength, int length)
    {
        var packet = PacketCodec.Read(first, pending.AsMemory(headerLength, length - headerLength).ToArray(), version, Sender.Server);
        pending = pending[length..];
        received.Add(PacketText.Of(packet));
        if (received.Count > Remembered) received.RemoveAt(0);
        return packet;
    }

    private ScriptException Failure(string what, Exception? cause = null)
    {
        var text = new StringBuilder($"{ClientIdentifier} ({version}): {what}. Received last:");
        foreach (string packet in received) text.Append("\n  ").Append(packet);
        if (received.Count == 0) text.Append(" nothing");
        if (pending.Length > 0) text.Append("\n  unfinished: ").Append(Hex.Format(pending));
        return new ScriptException(text.ToString(), cause);
    }
}
