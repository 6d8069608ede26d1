using System.Security.Cryptography;
using System.Text;
using Broker.Core.Protocol;

namespace Broker.Tests.Testing;

/// <summary>The client's side of one SCRAM-SHA-256 exchange (RFC 5802, section 5).</summary>
internal sealed class ScramClient(string user = "user")
{
    private readonly string firstBare = $"n={user},r={Convert.ToBase64String(RandomNumberGenerator.GetBytes(18))}";
    private byte[] verifier = [];

    public byte[] First() => Encoding.UTF8.GetBytes("n,," + firstBare);

    public byte[] Final(Auth asked, string password)
    {
        string serverFirst = Encoding.UTF8.GetString(asked.Properties.Data(PropertyId.AuthenticationData)!.Value.Span);
        var parts = serverFirst.Split(',').ToDictionary(part => part[0], part => part[2..]);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password), Convert.FromBase64String(parts['s']), int.Parse(parts['i'], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        byte[] clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        string withoutProof = $"c=biws,r={parts['r']}";
        byte[] signed = Encoding.UTF8.GetBytes($"{firstBare},{serverFirst},{withoutProof}");
        byte[] proof = HMACSHA256.HashData(SHA256.HashData(clientKey), signed);
        for (int i = 0; i < proof.Length; i++) proof[i] ^= clientKey[i];
        verifier = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), signed);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    public bool Verifies(Properties properties) =>
        Encoding.UTF8.GetString(properties.Data(PropertyId.AuthenticationData)!.Value.Span) == "v=" + Convert.ToBase64String(verifier);
}
