using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>What a server keeps of a password for SCRAM-SHA-256: it can check a proof and give one, but not find the password (RFC 5802, section 3).</summary>
/// <param name="Salt">Random bytes, which the client is told.</param>
/// <param name="Iterations">Rounds of PBKDF2, which the client is told and has to make.</param>
/// <param name="StoredKey">Tells whether a proof is right.</param>
/// <param name="ServerKey">Makes the proof that the server gives in return.</param>
public sealed record ScramCredential(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    // RFC 7677 asks for 4,096 at least. Who steals the store tries passwords against these too; and small devices have to make as many rounds at each connection.
    private const int DefaultIterations = 30_000;

    /// <summary>That of a password.</summary>
    public static ScramCredential Of(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, DefaultIterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        byte[] clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        return new(salt, DefaultIterations, SHA256.HashData(clientKey), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>A credential that no proof fits.</summary>
    /// <param name="seed">Of at least 16 bytes: the salt is the same for the same seed.</param>
    public static ScramCredential Unknown(byte[] seed) => new(seed[..16], DefaultIterations, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
}

/// <summary>The server's side of one SCRAM-SHA-256 exchange (RFC 5802, section 5; RFC 7677), without channel binding.</summary>
/// <param name="find">What is kept of a user's password; for an unknown one something that no proof fits. May wait, and then must not come back on an event loop.</param>
/// <param name="admit">Lets in, or not, a user for whom a proof was given; told is what was found, and whether the proof fits that.</param>
public sealed class ScramExchange(
    Func<string, CancellationToken, ValueTask<ScramCredential>> find, Func<string, ScramCredential, bool, CancellationToken, ValueTask<Admission>> admit) : IAuthenticationExchange
{
    /// <summary>The Authentication Method.</summary>
    public const string Method = "SCRAM-SHA-256";

    private static readonly AuthenticationStep Refused = new(ReasonCode.NotAuthorized, []);

    private ScramCredential? credential;
    private string userName = "", nonce = "", clientFirstBare = "", serverFirst = "", channel = "";

    /// <inheritdoc/>
    public ValueTask<AuthenticationStep> StepAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation) => credential is null
        ? FirstAsync(Encoding.UTF8.GetString(data.Span), cancellation)
        : FinalAsync(Encoding.UTF8.GetString(data.Span), cancellation);

    // client-first: gs2-header n=user,r=nonce
    private async ValueTask<AuthenticationStep> FirstAsync(string message, CancellationToken cancellation)
    {
        string[] parts = message.Split(',');
        if (parts.Length < 4 || parts[0] is not ("n" or "y") || parts[1].Length != 0 || Value(parts[2], 'n') is not { } name || Value(parts[3], 'r') is not { Length: > 0 } theirs)
            return Refused;
        channel = Convert.ToBase64String(Encoding.UTF8.GetBytes(parts[0] + ",,"));
        clientFirstBare = message[(parts[0].Length + 2)..];
        userName = name.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        credential = await find(userName, cancellation).ConfigureAwait(false);
        nonce = theirs + Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={nonce},s={Convert.ToBase64String(credential.Salt)},i={credential.Iterations}");
        return new AuthenticationStep(ReasonCode.ContinueAuthentication, Encoding.UTF8.GetBytes(serverFirst));
    }

    // client-final: c=channel,r=nonce,p=proof
    private async ValueTask<AuthenticationStep> FinalAsync(string message, CancellationToken cancellation)
    {
        int proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0) return Refused;
        string withoutProof = message[..proofAt];
        byte[] proof = new byte[SHA256.HashSizeInBytes];
        if (withoutProof != $"c={channel},r={nonce}" || !Convert.TryFromBase64String(message[(proofAt + 3)..], proof, out int length) || length != proof.Length)
            return Refused;
        byte[] signed = Encoding.UTF8.GetBytes($"{clientFirstBare},{serverFirst},{withoutProof}");
        byte[] signature = HMACSHA256.HashData(credential!.StoredKey, signed);
        for (int i = 0; i < proof.Length; i++) proof[i] ^= signature[i]; // what is left is the client key
        bool fits = CryptographicOperations.FixedTimeEquals(SHA256.HashData(proof), credential.StoredKey);
        var admission = await admit(userName, credential, fits, cancellation).ConfigureAwait(false);
        if (!fits || admission.Reason != ReasonCode.Success) return new AuthenticationStep(admission.Reason.IsError() ? admission.Reason : ReasonCode.NotAuthorized, [], admission);
        string verifier = "v=" + Convert.ToBase64String(HMACSHA256.HashData(credential.ServerKey, signed));
        return new AuthenticationStep(ReasonCode.Success, Encoding.UTF8.GetBytes(verifier), admission);
    }

    private static string? Value(string part, char name) => part.Length >= 2 && part[0] == name && part[1] == '=' ? part[2..] : null;
}
