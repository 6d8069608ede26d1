using System.Net;
using System.Security.Cryptography;
using System.Text;
using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>A user and its password, as they stand in the configuration.</summary>
public sealed class User
{
    /// <summary>The name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The password.</summary>
    public string Password { get; set; } = "";
}

/// <summary>
/// Lets in the users that it was given, by password or by SCRAM-SHA-256. Who presents no user name is anonymous: let in where the listener allows it. While
/// there are no users, everybody is anonymous.
/// </summary>
public sealed class UserAuthenticator : IAuthenticator
{
    private static readonly byte[] NoPassword = RandomNumberGenerator.GetBytes(32);

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, (byte[] Password, ScramCredential Scram)> users = new(StringComparer.Ordinal);

    /// <summary>Knows these users from now on.</summary>
    public UserAuthenticator(IEnumerable<User> users)
    {
        foreach (var user in users) this.users[user.Name] = (Hash(Encoding.UTF8.GetBytes(user.Password)), ScramCredential.Of(user.Password));
    }

    /// <inheritdoc/>
    public ValueTask<Admission> AuthenticateAsync(Credentials credentials, CancellationToken cancellation)
    {
        if (users.Count == 0 || (credentials.UserName is null && credentials.Password is null))
            return new(credentials.Anonymous == AnonymousAccess.Always || (credentials.Anonymous == AnonymousAccess.UntilUsersExist && users.Count == 0)
                ? Admission.Of(null)
                : Admission.Refused(ReasonCode.NotAuthorized, "the listener lets in no anonymous clients"));
        bool known = users.TryGetValue(credentials.UserName ?? "", out var user);
        bool right = CryptographicOperations.FixedTimeEquals(Hash((credentials.Password ?? default).Span), known ? user.Password : NoPassword);
        return new(known && right ? Admission.Of(credentials.UserName) : Admission.Refused(ReasonCode.BadUserNameOrPassword, known ? "wrong password" : "there is no such user"));
    }

    /// <inheritdoc/>
    public IAuthenticationExchange? Begin(string method, EndPoint? address) =>
        method == ScramExchange.Method && users.Count > 0 ? new ScramExchange(Credential) : null;

    private byte[] Hash(ReadOnlySpan<byte> password) => HMACSHA256.HashData(key, password);

    // An unknown user is asked for a proof like any other, and always with the same salt, so that names cannot be guessed.
    private ScramCredential Credential(string userName) => users.TryGetValue(userName, out var user)
        ? user.Scram
        : ScramCredential.Unknown(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(userName)));
}
