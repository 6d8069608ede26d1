namespace Broker.Tests.Testing;

/// <summary>The MQTT stream within something else, such as TLS.</summary>
public sealed class WrappedRawStream(Stream stream) : RawStream
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private string end = "it did not end";

    /// <inheritdoc/>
    public override string HowItEnded => end;

    /// <inheritdoc/>
    public override async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await stream.WriteAsync(bytes, cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            int length = await stream.ReadAsync(buffer, cancellation);
            if (length == 0) end = "its last byte";
            return buffer.AsMemory(0, length);
        }
        catch (Exception error) when (error is IOException or System.Net.WebSockets.WebSocketException)
        {
            end = error.Message;
            return default;
        }
    }

    /// <inheritdoc/>
    public override void Cut() => stream.Dispose();
}
