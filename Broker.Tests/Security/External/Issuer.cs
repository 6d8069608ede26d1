using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Broker.Tests.Security.External;

/// <summary>Makes tokens with nothing but the platform's cryptography, right ones and wrong ones.</summary>
internal static class Issuer
{
    /// <summary>What the clock of the tests shows when it starts, in seconds since 1970.</summary>
    public static readonly long Now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    public static readonly RSA Rsa = RSA.Create(2_048), OtherRsa = RSA.Create(2_048);

    public static readonly ECDsa P256 = ECDsa.Create(ECCurve.NamedCurves.nistP256), P384 = ECDsa.Create(ECCurve.NamedCurves.nistP384), P521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);

    public static readonly byte[] Secret = Encoding.ASCII.GetBytes(new string('s', 64));

    /// <summary>Claims that any test may add to: of anna, for a minute.</summary>
    public static Dictionary<string, object?> Claims(params (string Name, object? Value)[] more)
    {
        var claims = new Dictionary<string, object?> { ["sub"] = "anna", ["exp"] = Now + 60 };
        foreach (var (name, value) in more) claims[name] = value;
        return claims;
    }

    /// <summary>A token that is signed as its algorithm says.</summary>
    public static string Token(string algorithm, object claims, string? keyId = null, RSA? rsa = null, byte[]? secret = null, bool critical = false)
    {
        var header = new Dictionary<string, object> { ["alg"] = algorithm, ["typ"] = "JWT" };
        if (keyId is not null) header["kid"] = keyId;
        if (critical) header["crit"] = new[] { "exp" };
        return Sign(algorithm, JsonSerializer.Serialize(header), claims as string ?? JsonSerializer.Serialize(claims), rsa ?? Rsa, secret ?? Secret);
    }

    public static string Token(object claims) => Token("ES256", claims);

    public static string Base64(ReadOnlySpan<byte> data) => Base64Url.EncodeToString(data);

    private static string Sign(string algorithm, string header, string claims, RSA rsa, byte[] secret)
    {
        string signed = Base64(Encoding.UTF8.GetBytes(header)) + "." + Base64(Encoding.UTF8.GetBytes(claims));
        byte[] data = Encoding.ASCII.GetBytes(signed);
        byte[] signature = algorithm switch
        {
            "RS256" => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "RS512" => rsa.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            "PS256" => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            "ES256" => P256.SignData(data, HashAlgorithmName.SHA256),
            "ES384" => P384.SignData(data, HashAlgorithmName.SHA384),
            "ES512" => P521.SignData(data, HashAlgorithmName.SHA512),
            "HS256" => HMACSHA256.HashData(secret, data),
            "HS512" => HMACSHA512.HashData(secret, data),
            _ => [],
        };
        return signed + "." + Base64(signature);
    }
}
