using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security.SignIn;

namespace Broker.Web.Security.Users;

/// <summary>
/// Lets in the users of the store and those of the configuration: by a client certificate, by a token, by password or by SCRAM-SHA-256. Who presents nothing is anonymous:
/// let in where the listener allows it; and while there are no users at all, everybody is anonymous.
/// </summary>
internal sealed partial class UserAuthenticator : IAuthenticator
{
    private static readonly Admission Unproven = Admission.Refused(ReasonCode.BadUserNameOrPassword, "the user name or the password is wrong");
    private static readonly Encoding Utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);

    private readonly UserLookup lookup;
    private readonly Admissions admissions;
    private readonly PasswordCheck check;
    private readonly Tokens tokens;
    private readonly UnknownSalts salts;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly FrozenDictionary<string, Configured> configured;

    public UserAuthenticator(
        BrokerOptions options, UserLookup lookup, Admissions admissions, PasswordCheck check, Tokens tokens, UnknownSalts salts, TimeProvider time, ILogger<UserAuthenticator> log)
    {
        (this.lookup, this.admissions, this.check, this.tokens, this.salts, this.time, this.log) = (lookup, admissions, check, tokens, salts, time, log);
        configured = options.Users.ToFrozenDictionary(
            user => user.Name, user => new Configured(Hash(Encoding.UTF8.GetBytes(user.Password)), new Lazy<ScramCredential>(() => ScramCredential.Of(user.Password))), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public ValueTask<Admission> AuthenticateAsync(Core.Access.Credentials credentials, CancellationToken cancellation)
    {
        bool? users = admissions.HasUsers;
        bool presentsNothing = credentials is { UserName: null, Password: null, CertifiedUserName: null };
        if (presentsNothing && (credentials.Anonymous != AnonymousAccess.UntilUsersExist || users is not null)) return new(Anonymous(credentials, users ?? false)); // on an event loop: nothing is waited for
        return new(AskStoreAsync(() => AdmitAsync(credentials, presentsNothing, users, cancellation)));
    }

    /// <inheritdoc/>
    public IAuthenticationExchange? Begin(string method, EndPoint? address) =>
        method == ScramExchange.Method && admissions.HasUsers != false
            ? new ScramExchange(FindScramAsync, (name, used, fits, cancellation) => AdmitScramAsync(name, used, fits, (address as IPEndPoint)?.Address, cancellation))
            : null;

    private async Task<Admission> AdmitAsync(Core.Access.Credentials credentials, bool presentsNothing, bool? known, CancellationToken cancellation)
    {
        bool users = known ?? await lookup.AnyAsync(cancellation).ConfigureAwait(false);
        if (credentials.CertifiedUserName is { } certified) return await AdmitProvenAsync(certified, cancellation).ConfigureAwait(false);
        if (presentsNothing || !users) return Anonymous(credentials, users);
        if (credentials.Password is not { } password) return Admission.Refused(ReasonCode.BadUserNameOrPassword, "a user name came without a password"); // CVE-2016-9877
        if (password.Length > Passwords.LongestBytes) return Admission.Refused(ReasonCode.BadUserNameOrPassword, $"a password has at most {Passwords.LongestBytes} bytes");
        string text = Text(password.Span), name = credentials.UserName ?? "";
        return Tokens.Kind.IdIn(text) is { } id
            ? await AdmitTokenAsync(id, text, name, cancellation).ConfigureAwait(false)
            : await AdmitPasswordAsync(name, text, password, (credentials.Address as IPEndPoint)?.Address, cancellation).ConfigureAwait(false);
    }

    private static Admission Anonymous(Core.Access.Credentials credentials, bool users) =>
        credentials.Anonymous == AnonymousAccess.Always || (credentials.Anonymous == AnonymousAccess.UntilUsersExist && !users)
            ? Admission.Of(null)
            : Admission.Refused(ReasonCode.NotAuthorized, "this listener lets nobody in without a user name and a password");

    private async Task<Admission> AdmitPasswordAsync(string name, string text, ReadOnlyMemory<byte> password, IPAddress? from, CancellationToken cancellation)
    {
        bool isConfigured = configured.TryGetValue(name, out var own), isRight = isConfigured && CryptographicOperations.FixedTimeEquals(own!.Password, Hash(password.Span));
        while (true)
        {
            int round = admissions.Rounds;
            var user = isConfigured ? null : await lookup.UserAsync(name, cancellation).ConfigureAwait(false);
            var (reason, why) = await check.CompareAsync(name, user, text, isRight, from, cancellation).ConfigureAwait(false);
            if (reason != ReasonCode.Success) return Admission.Refused(reason, why);
            if (user is null) return Admission.Of(name);
            if (Admit(user, null, null, round, cancellation) is { } admission) return admission;
        }
    }

    private async Task<Admission> AdmitTokenAsync(string id, string text, string name, CancellationToken cancellation)
    {
        while (true)
        {
            int round = admissions.Rounds;
            var known = await lookup.TokenAsync(id, cancellation).ConfigureAwait(false);
            if (known is not { User: { } user, Token: var token } || !await tokens.FitsAsync(text, token, cancellation).ConfigureAwait(false)) return Unproven;
            if (name.Length > 0 && name != user.Name) return Admission.Refused(ReasonCode.BadUserNameOrPassword, "the token is another user's");
            if (token.RevokedAt is not null) return Admission.Refused(ReasonCode.NotAuthorized, $"the token {id} was revoked");
            if (token.ExpiresAt <= time.GetUtcNow().UtcDateTime) return Admission.Refused(ReasonCode.NotAuthorized, $"the token {id} has expired");
            if (Admit(user, id, token.ExpiresAt, round, cancellation) is not { } admission) continue;
            tokens.Used(id);
            return admission;
        }
    }

    // Someone who has shown who they are, by a certificate or by SCRAM: the store is asked whether they may come in.
    private async ValueTask<Admission> AdmitProvenAsync(string name, CancellationToken cancellation)
    {
        if (configured.ContainsKey(name)) return Admission.Of(name);
        while (true)
        {
            int round = admissions.Rounds;
            if (await lookup.UserAsync(name, cancellation).ConfigureAwait(false) is not { } user) return Admission.Of(name);
            if (Admit(user, null, null, round, cancellation) is { } admission) return admission;
        }
    }

    // Null if users were compared with the store since this one was read: then it is read again.
    private Admission? Admit(UserRow user, string? token, DateTime? until, int round, CancellationToken ended)
    {
        if (user.IsDisabled) return Admission.Refused(ReasonCode.NotAuthorized, $"the user {user.Name} is disabled");
        var revoked = admissions.Add(user.Name, user.SecurityStamp, token, ended);
        return round != admissions.Rounds ? null : Admission.Of(user.Name) with { Until = until, Revoked = revoked };
    }

    private async Task<Admission> AskStoreAsync(Func<Task<Admission>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is System.Data.Common.DbException or TimeoutException or InvalidOperationException)
        {
            LogAway(log, failure.Message);
            return Admission.Refused(ReasonCode.ServerUnavailable, "the users cannot be read, as the store is away");
        }
    }

    private async ValueTask<ScramCredential> FindScramAsync(string name, CancellationToken cancellation)
    {
        await Task.Yield(); // keys of the configuration are made here: not on an event loop
        if (configured.TryGetValue(name, out var own)) return own.Scram.Value;
        return Scram(await lookup.UserAsync(name, cancellation).ConfigureAwait(false))
            ?? ScramCredential.Unknown(await salts.SeedAsync(name, cancellation).ConfigureAwait(false)); // asked for a proof like any other, and always with the same salt
    }

    // The proof is for what was found before: another password may have been set meanwhile.
    private async ValueTask<Admission> AdmitScramAsync(string name, ScramCredential used, bool fits, IPAddress? from, CancellationToken cancellation)
    {
        bool isConfigured = configured.ContainsKey(name);
        for (bool isFirst = true; ; isFirst = false)
        {
            int round = admissions.Rounds;
            var user = isConfigured ? null : await lookup.UserAsync(name, cancellation).ConfigureAwait(false);
            if (isFirst && !check.TryBegin(name, user, from)) return Admission.Refused(ReasonCode.NotAuthorized, "too many wrong proofs from there");
            if (!fits || !(isConfigured || Scram(user)?.StoredKey.AsSpan().SequenceEqual(used.StoredKey) == true)) return Admission.Refused(ReasonCode.NotAuthorized, "the proof is wrong");
            if ((user is null ? Admission.Of(name) : Admit(user, null, null, round, cancellation)) is not { } admission) continue;
            check.Succeed(name, user, from);
            return admission;
        }
    }

    private static ScramCredential? Scram(UserRow? user) =>
        user is { ScramSalt: { } salt, ScramIterations: { } iterations, ScramStoredKey: { } stored, ScramServerKey: { } server } ? new ScramCredential(salt, iterations, stored, server) : null;

    private byte[] Hash(ReadOnlySpan<byte> password) => HMACSHA256.HashData(key, password);

    // What is no UTF-8 is nobody's password, and is compared all the same.
    private static string Text(ReadOnlySpan<byte> password)
    {
        try
        {
            return Utf8.GetString(password);
        }
        catch (DecoderFallbackException)
        {
            return $"\0{Convert.ToHexString(password)}";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client is refused, as users cannot be read: {Why}")]
    private static partial void LogAway(ILogger log, string why);

    private sealed record Configured(byte[] Password, Lazy<ScramCredential> Scram);
}
