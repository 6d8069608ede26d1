using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Broker.Web.Security.External;

/// <summary>Reads JSON Web Key Sets (RFC 7517). Keys of unknown kinds and for other uses are passed over, as the standard asks (section 5).</summary>
internal static class JsonKeys
{
    /// <exception cref="CryptographicException">A key cannot be used.</exception>
    /// <exception cref="FormatException">A number of a key is no base64url.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static List<JwtKey> Read(string text)
    {
        using var json = JsonDocument.Parse(text, ClaimedRules.Strict);
        if (!json.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
            throw new CryptographicException("a JSON Web Key Set has an array \"keys\"");
        var found = new List<JwtKey>();
        foreach (var key in keys.EnumerateArray())
            if (key.ValueKind == JsonValueKind.Object && IsForSignatures(key) && Of(key) is { } one && Narrow(one, Text(key, "alg")) is { Algorithms.Count: > 0 } usable) found.Add(usable);
        return found;
    }

    private static bool IsForSignatures(JsonElement key) =>
        Text(key, "use") is null or "sig"
        && (!key.TryGetProperty("key_ops", out var operations) || (operations.ValueKind == JsonValueKind.Array && operations.EnumerateArray().Any(one => ClaimedRules.Text(one) == "verify")));

    private static JwtKey? Of(JsonElement key)
    {
        string? id = Text(key, "kid"), kind = Text(key, "kty");
        if (kind is "RSA" or "EC" && key.TryGetProperty("d", out _))
            throw new CryptographicException("it holds a private key, which only those who make tokens should have: put the public key here");
        switch (kind)
        {
            case "RSA":
                using (var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") })) return JwtKeys.Of(rsa, id);
            case "EC":
                return Curve(Text(key, "crv")) is not { } curve
                    ? null
                    : JwtKeys.Of(ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } }), id);
            case "oct":
                return JwtKeys.Symmetric(Bytes(key, "k"), id);
            default:
                return null;
        }
    }

    private static ECCurve? Curve(string? name) => name switch
    {
        "P-256" => ECCurve.NamedCurves.nistP256,
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => null,
    };

    private static JwtKey Narrow(JwtKey key, string? algorithm) => algorithm is null ? key : key with { Algorithms = [.. key.Algorithms.Where(one => one == algorithm)] };

    private static byte[] Bytes(JsonElement key, string name) => Base64UrlEncoder.DecodeBytes(Text(key, name) ?? throw new CryptographicException($"a key has no \"{name}\""));

    private static string? Text(JsonElement key, string name) => key.TryGetProperty(name, out var value) ? ClaimedRules.Text(value) : null;
}
