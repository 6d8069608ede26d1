using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Broker.Core.Protocol;

/// <summary>Compares topics in UTF-8, so that a table of them is searched without making text of the bytes. The hash is seeded per process.</summary>
internal sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly Utf8Comparer Instance = new();

    /// <summary>Nobody can choose bytes that collide.</summary>
    public static int Hash(ReadOnlySpan<byte> bytes)
    {
        int even = string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes));
        return (bytes.Length & 1) == 0 ? even : (even ^ bytes[^1]) * 16_777_619;
    }

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => Hash(obj);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => Hash(alternate);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
