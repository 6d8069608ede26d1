using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Broker.Core.Protocol;

namespace Broker.Bench.Micro;

/// <summary>Packets out of bytes, and bytes out of packets.</summary>
public class CodecBenchmarks
{
    private readonly ArrayBufferWriter<byte> output = new(1024);
    private Publish atMostOnce, atLeastOnce;
    private Connect connect = null!;
    private byte[] publish0 = null!, publish1 = null!, connectBytes = null!;

    /// <summary>The version that is spoken.</summary>
    [Params(ProtocolVersion.V311, ProtocolVersion.V5)]
    public ProtocolVersion Version { get; set; }

    /// <summary>Makes the packets.</summary>
    [GlobalSetup]
    public void Setup()
    {
        atMostOnce = new Publish { Topic = "sensors/kitchen/temperature"u8.ToArray(), Payload = new byte[64] };
        atLeastOnce = atMostOnce with { QoS = QualityOfService.AtLeastOnce, PacketIdentifier = 7 };
        connect = new Connect
        {
            Version = Version,
            CleanStart = true,
            KeepAlive = 60,
            ClientIdentifier = "sensor-kitchen-1",
            UserName = "sensors",
            Password = Encoding.UTF8.GetBytes("a password"),
            Properties = Version == ProtocolVersion.V5 ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Build() : Properties.None,
        };
        publish0 = PacketCodec.ToArray(atMostOnce, Version);
        publish1 = PacketCodec.ToArray(atLeastOnce, Version);
        connectBytes = PacketCodec.ToArray(connect, Version);
    }

    /// <summary>PUBLISH of QoS 0.</summary>
    [Benchmark]
    public int DecodePublish0() => DecodePublish(publish0);

    /// <summary>PUBLISH of QoS 1.</summary>
    [Benchmark]
    public int DecodePublish1() => DecodePublish(publish1);

    /// <summary>CONNECT with a user name and a password.</summary>
    [Benchmark]
    public object DecodeConnect()
    {
        PacketCodec.TryFindPacket(connectBytes, int.MaxValue, out _, out int headerLength, out int length);
        return Connect.Read(connectBytes.AsMemory(headerLength, length - headerLength));
    }

    /// <summary>PUBLISH of QoS 0.</summary>
    [Benchmark]
    public int EncodePublish0() => Encode(atMostOnce);

    /// <summary>PUBLISH of QoS 1.</summary>
    [Benchmark]
    public int EncodePublish1() => Encode(atLeastOnce);

    /// <summary>CONNECT with a user name and a password.</summary>
    [Benchmark]
    public int EncodeConnect() => Encode(connect);

    private int DecodePublish(byte[] bytes)
    {
        PacketCodec.TryFindPacket(bytes, int.MaxValue, out byte first, out int headerLength, out int length);
        return Publish.Read(first, bytes.AsMemory(headerLength, length - headerLength), Version, Sender.Client).Payload.Length;
    }

    private int Encode<TPacket>(in TPacket packet) where TPacket : IControlPacket
    {
        output.ResetWrittenCount();
        return PacketCodec.Write(packet, Version, output);
    }
}
