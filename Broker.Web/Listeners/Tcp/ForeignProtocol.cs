using System.Buffers;

namespace Broker.Web.Listeners.Tcp;

/// <summary>What the first bytes on an MQTT port show.</summary>
internal enum Greeting
{
    /// <summary>Too few bytes to tell.</summary>
    Unclear,

    /// <summary>MQTT, or anything that the broker shall judge.</summary>
    Mqtt,

    /// <summary>An HTTP request, such as a WebSocket handshake.</summary>
    Http,

    /// <summary>A TLS ClientHello where no TLS is spoken.</summary>
    Tls,
}

/// <summary>Recognises what was meant for another port. CONNECT, which MQTT begins with (MQTT-3.1.0-1), starts with 0x10 and is none of it.</summary>
internal static class ForeignProtocol
{
    private const byte Handshake = 0x16; // RFC 8446, 5.1: ContentType handshake, then legacy_record_version 0x03..
    private static readonly byte[][] Methods =
        [.. new[] { "GET ", "POST", "HEAD", "PUT ", "OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT", "PRI *" }.Select(System.Text.Encoding.ASCII.GetBytes)];

    public static Greeting Recognise(ReadOnlySequence<byte> bytes)
    {
        Span<byte> first = stackalloc byte[(int)Math.Min(bytes.Length, 8)];
        bytes.Slice(0, first.Length).CopyTo(first);
        if (first.IsEmpty) return Greeting.Unclear;
        if (first[0] == Handshake) return first.Length < 2 ? Greeting.Unclear : first[1] == 3 ? Greeting.Tls : Greeting.Mqtt;
        foreach (var method in Methods)
        {
            var shared = Math.Min(method.Length, first.Length);
            if (first[..shared].SequenceEqual(method.AsSpan(0, shared))) return shared == method.Length ? Greeting.Http : Greeting.Unclear;
        }
        return Greeting.Mqtt;
    }
}
