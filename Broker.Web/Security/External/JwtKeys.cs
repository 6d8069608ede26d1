using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Web.Files;
using Microsoft.IdentityModel.Tokens;

namespace Broker.Web.Security.External;

/// <summary>A key that can check signatures.</summary>
/// <param name="Key">The key.</param>
/// <param name="Id">Its name, if it has one.</param>
/// <param name="Algorithms">The algorithms that it is for, and no other: a public key never serves as a shared secret.</param>
internal sealed record JwtKey(SecurityKey Key, string? Id, IReadOnlyList<string> Algorithms)
{
    /// <summary>The same for the same key, whenever and from whatever file it was read (RFC 7638).</summary>
    public string Print { get; } = Convert.ToHexString(Key.ComputeJwkThumbprint());
}

/// <summary>By what a token was found right: the key that it names, its algorithm, and the print of the key that has signed it.</summary>
internal sealed record JwtProof(string? Id, string Algorithm, string? Print);

/// <summary>The keys of those who make tokens. Immutable.</summary>
internal sealed class JwtKeys
{
    private const int LeastSecret = 32, LeastRsaBits = 2_048, Most = 64;

    private static readonly string[] Rsa =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    private readonly IReadOnlyList<JwtKey> keys;

    private JwtKeys(IReadOnlyList<JwtKey> keys) => this.keys = keys;

    /// <summary>How many there are.</summary>
    public int Count => keys.Count;

    /// <summary>Reads public keys: PEM, or a JSON Web Key Set.</summary>
    /// <param name="key">The configuration key that names the file.</param>
    /// <param name="content">What the file holds.</param>
    /// <exception cref="UnusableFileException">It holds something else.</exception>
    public static JwtKeys Public(string key, byte[] content)
    {
        string text = Encoding.UTF8.GetString(content).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        try
        {
            var found = text.StartsWith('{') ? JsonKeys.Read(text) : Pem(text);
            if (found.Count == 0) throw new CryptographicException("it holds no public key that can check signatures, neither as PEM nor as a JSON Web Key Set");
            return found.Count <= Most ? new JwtKeys(found) : throw new CryptographicException($"it holds more than {Most} keys");
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException or System.Text.Json.JsonException or ArgumentException)
        {
            throw new UnusableFileException(key, $"the keys of tokens cannot be read: {fault.Message}");
        }
    }

    /// <summary>Takes the file as one shared secret, without line breaks at its end.</summary>
    /// <param name="key">The configuration key that names the file.</param>
    /// <param name="content">What the file holds.</param>
    /// <exception cref="UnusableFileException">It is too short, or no secret.</exception>
    public static JwtKeys Secret(string key, byte[] content)
    {
        var secret = content.AsSpan().TrimEnd("\r\n"u8);
        if (secret.IndexOf("-----BEGIN "u8) >= 0) throw new UnusableFileException(key, "the file holds PEM, which is no secret", "Name it in Mqtt:Jwt:KeyFile instead");
        if (secret.Length < LeastSecret) throw new UnusableFileException(key, $"a shared secret has at least {LeastSecret} bytes", "Make one, for example with: openssl rand -hex 32");
        return new JwtKeys([Symmetric(secret.ToArray(), null)]);
    }

    /// <summary>The keys that a token may be signed with: those of its algorithm, and of its key identifier where both have one.</summary>
    public IEnumerable<SecurityKey> Find(string? id, string algorithm) => For(id, algorithm).Select(key => key.Key);

    /// <summary>What a token of one of these keys was found right by.</summary>
    public JwtProof ProofOf(string? id, string algorithm, SecurityKey key) => new(id, algorithm, keys.FirstOrDefault(one => ReferenceEquals(one.Key, key))?.Print);

    /// <summary>Whether the key that has signed a token is still there.</summary>
    public bool Holds(JwtProof proof) => For(proof.Id, proof.Algorithm).Any(key => key.Print == proof.Print);

    /// <summary>Whether a key is for an algorithm.</summary>
    public bool Allows(SecurityKey key, string algorithm) => keys.Any(one => ReferenceEquals(one.Key, key) && one.Algorithms.Contains(algorithm));

    private IEnumerable<JwtKey> For(string? id, string algorithm) => keys.Where(key => key.Algorithms.Contains(algorithm) && (string.IsNullOrEmpty(id) || key.Id is null || key.Id == id));

    internal static JwtKey Symmetric(byte[] secret, string? id)
    {
        if (secret.Length < LeastSecret) throw new CryptographicException($"a shared secret has at least {LeastSecret} bytes");
        string[] algorithms = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512]; // RFC 7518, section 3.2: a key is as long as the hash
        return new JwtKey(new SymmetricSecurityKey(secret) { KeyId = id }, id, algorithms[..(secret.Length >= 64 ? 3 : secret.Length >= 48 ? 2 : 1)]);
    }

    internal static JwtKey Of(RSA rsa, string? id) => rsa.KeySize >= LeastRsaBits
        ? new JwtKey(new RsaSecurityKey(rsa.ExportParameters(false)) { KeyId = id }, id, Rsa)
        : throw new CryptographicException($"an RSA key has at least {LeastRsaBits} bits");

    // RFC 7518, section 3.4: each curve has its algorithm.
    internal static JwtKey Of(ECDsa ecdsa, string? id) => new(new ECDsaSecurityKey(ecdsa) { KeyId = id }, id, ecdsa.ExportParameters(false).Curve.Oid.Value switch
    {
        "1.2.840.10045.3.1.7" => [SecurityAlgorithms.EcdsaSha256],
        "1.3.132.0.34" => [SecurityAlgorithms.EcdsaSha384],
        "1.3.132.0.35" => [SecurityAlgorithms.EcdsaSha512],
        _ => throw new CryptographicException("of elliptic curves P-256, P-384 and P-521 are known"),
    });

    private static List<JwtKey> Pem(ReadOnlySpan<char> text)
    {
        var found = new List<JwtKey>();
        while (PemEncoding.TryFind(text, out var fields))
        {
            byte[] data = Convert.FromBase64String(text[fields.Base64Data].ToString());
            found.Add(Pem(text[fields.Label].ToString(), data));
            text = text[fields.Location.End..];
        }
        return found;
    }

    private static JwtKey Pem(string label, byte[] data)
    {
        switch (label)
        {
            case "PUBLIC KEY":
                return Of(PublicKey.CreateFromSubjectPublicKeyInfo(data, out _));
            case "RSA PUBLIC KEY":
                using (var rsa = RSA.Create())
                {
                    rsa.ImportRSAPublicKey(data, out _);
                    return Of(rsa, null);
                }
            case "CERTIFICATE":
                using (var certificate = X509CertificateLoader.LoadCertificate(data)) return Of(certificate.PublicKey);
            default:
                throw new CryptographicException(label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)
                    ? "it holds a private key, which only those who make tokens should have: put the public key here"
                    : $"it holds a {Components.Texts.Shown.Of(label)}, which is no public key");
        }
    }

    private static JwtKey Of(PublicKey key)
    {
        using var rsa = key.GetRSAPublicKey();
        if (rsa is not null) return Of(rsa, null);
        return key.GetECDsaPublicKey() is { } ecdsa ? Of(ecdsa, null) : throw new CryptographicException($"keys of the kind {key.Oid.FriendlyName ?? key.Oid.Value} are not known; RSA and ECDSA are");
    }
}
