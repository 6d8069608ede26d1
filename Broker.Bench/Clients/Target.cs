using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Broker.Core.Protocol;

namespace Broker.Bench.Clients;

/// <summary>The broker that is driven: where it listens, and what is spoken with it.</summary>
internal sealed record Target
{
    public const string Usage = "[--host 127.0.0.1] [--port 1883] [--version 311|5]";

    public string Host { get; init; } = "127.0.0.1";

    public int Port { get; init; } = 1883;

    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    /// <summary>How TLS is spoken; null for plain TCP.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Reads its options of a command line.</summary>
    /// <exception cref="FormatException">One has a value that it cannot have.</exception>
    public static Target Read(Arguments arguments)
    {
        var otherwise = new Target();
        return new Target
        {
            Host = arguments.Text("--host", otherwise.Host),
            Port = arguments.Number("--port", otherwise.Port, 1, 65_535),
            Version = arguments.Choice("--version", otherwise.Version, ("311", ProtocolVersion.V311), ("5", ProtocolVersion.V5)),
        };
    }

    /// <summary>The same over TLS. Every connection shakes hands in full, as one of a device that has not been there before.</summary>
    /// <param name="authorities">A PEM file with the certificates that are trusted, no other is.</param>
    /// <exception cref="FormatException">The file cannot be read or holds no certificate.</exception>
    public Target OverTls(string authorities)
    {
        var trusted = new X509Certificate2Collection();
        try
        {
            trusted.ImportFromPemFile(authorities);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new FormatException($"{authorities} cannot be read: {e.Message}");
        }
        if (trusted.Count == 0) throw new FormatException($"{authorities} holds no certificate");
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(trusted);
        return this with { Tls = new SslClientAuthenticationOptions { TargetHost = Host, CertificateChainPolicy = policy, AllowTlsResume = false } };
    }

    public override string ToString() => $"{Host}:{Port}";
}
