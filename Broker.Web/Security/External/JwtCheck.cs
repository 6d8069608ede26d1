using System.Buffers;
using System.Text;
using System.Text.Json;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Components.Texts;
using Broker.Web.Files;
using Broker.Web.Security.Users;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Broker.Web.Security.External;

/// <summary>
/// Lets in whoever presents a JSON Web Token as password (RFC 7519; what to mind is in RFC 8725). Signature, issuer and audience are the library's to check; time, name and rules are
/// read here. A password that does not look like a token is left to the next.
/// </summary>
internal sealed class JwtCheck : ICredentialCheck
{
    private const int Longest = 16 * 1024;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = Longest };
    private readonly JwtOptions options;
    private readonly TimeProvider time;
    private readonly Admitted<JwtProof> admitted = new();

    public JwtCheck(JwtOptions options, TimeProvider time) => (this.options, this.time) = (options, time);

    /// <inheritdoc/>
    public async ValueTask<Admission?> AdmitAsync(Core.Access.Credentials credentials, CancellationToken cancellation)
    {
        if (options.Keys is not { } keys || credentials.Password is not { } password || !IsToken(password.Span)) return null;
        if (password.Length > Longest) return Refused($"the token is longer than {Longest} bytes");
        await Task.Yield(); // a signature costs a tenth of a millisecond: not on an event loop
        string text = Encoding.ASCII.GetString(password.Span);
        var current = keys.Current;
        var result = await handler.ValidateTokenAsync(text, Parameters(current)).ConfigureAwait(false);
        if (!result.IsValid) return Refused(Why(result.Exception, result.TokenOnFailedValidation as JsonWebToken, current));
        var token = (JsonWebToken)result.SecurityToken;
        if (token.TryGetHeaderValue<object>("crit", out _)) return Refused("the token asks for an extension that is not known (crit)"); // RFC 7515, section 4.1.11
        try
        {
            using var claims = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), ClaimedRules.Strict);
            var admission = Admit(claims.RootElement, credentials);
            return admission.Reason == ReasonCode.Success ? admission with { Revoked = Hold(token, keys, current, cancellation) } : admission;
        }
        catch (JsonException fault)
        {
            return Refused($"the claims of the token cannot be read: {Shown.Of(fault.Message)}");
        }
    }

    /// <summary>Ends the connections of those whose token was signed with a key that is there no more.</summary>
    /// <returns>How many they are.</returns>
    public int JudgeAgain() => options.Keys is { } keys ? admitted.All.Count(client => Judge(client, keys)) : 0;

    // The keys may have been exchanged while its signature was checked.
    private Revocation Hold(JsonWebToken token, WatchedFiles<JwtKeys> keys, JwtKeys by, CancellationToken ended)
    {
        var client = admitted.Add(by.ProofOf(token.Kid, token.Alg, token.SigningKey), ended);
        if (keys.Current != by) Judge(client, keys);
        return client.Revocation;
    }

    private static bool Judge(Admitted<JwtProof>.Client client, WatchedFiles<JwtKeys> keys)
    {
        if (keys.Current.Holds(client.Proof)) return false;
        client.Revocation.Revoke("the key that has signed its token was removed");
        return true;
    }

    private Admission Admit(JsonElement claims, Core.Access.Credentials credentials)
    {
        if (Moment(claims, "exp") is not { } until) return Refused("the token has no time of expiry (exp)");
        var now = time.GetUtcNow();
        if (now >= until + options.ClockSkew) return Refused($"the token has expired at {until:u}");
        if (options.LongestLifetime > TimeSpan.Zero && until - now > options.LongestLifetime + options.ClockSkew)
            return Refused($"the token is valid until {until:u}, which is longer than {Configuration.Quantities.Show(options.LongestLifetime)} (Mqtt:Jwt:LongestLifetime)");
        if (claims.TryGetProperty("nbf", out _) && (Moment(claims, "nbf") is not { } from || now < from - options.ClockSkew)) return Refused("the token is not valid yet (nbf)");
        if (!claims.TryGetProperty(options.UserNameClaim, out var claim) || ClaimedRules.Text(claim) is not { } name || !UserNames.IsPossible(name))
            return Refused($"the token's claim '{options.UserNameClaim}' holds no user name");
        if (!string.IsNullOrEmpty(credentials.UserName) && credentials.UserName != name) return Refused($"the token is of '{Shown.Of(name)}', and the client calls itself something else");
        if (credentials.CertifiedUserName is { } certified && certified != name) return Refused($"the token is of '{Shown.Of(name)}', and the client's certificate is of '{Shown.Of(certified)}'");
        IReadOnlyList<AccessRule>? rules = [];
        if (claims.TryGetProperty(options.RulesClaim, out var list) && !ClaimedRules.TryRead(list, out rules, out string? fault))
            return Admission.Refused(ReasonCode.NotAuthorized, $"the token's claim '{options.RulesClaim}' cannot be read: {fault}");
        return Admission.Of(name) with { Until = until + options.ClockSkew, Rules = rules };
    }

    private TokenValidationParameters Parameters(JwtKeys keys) => new()
    {
        IssuerSigningKeyResolver = (_, token, id, _) => keys.Find(id, ((JsonWebToken)token).Alg),
        AlgorithmValidator = (algorithm, key, _, _) => keys.Allows(key, algorithm),
        ValidateIssuer = options.Issuer.Length > 0,
        ValidIssuer = options.Issuer,
        ValidateAudience = options.Audience.Length > 0,
        ValidAudience = options.Audience,
        ValidateLifetime = false, // done above, by the broker's clock
        IncludeTokenOnFailedValidation = true, // to say why
    };

    // Seconds since 1970, perhaps with a fraction (RFC 7519, section 2).
    private static DateTimeOffset? Moment(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double seconds) && seconds is >= 0 and < 250_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static bool IsToken(ReadOnlySpan<byte> password) =>
        password.StartsWith("eyJ"u8) && password.Count((byte)'.') == 2 && !password.ContainsAnyExcept(Letters);

    private static string Why(Exception? failure, JsonWebToken? token, JwtKeys keys) => failure switch
    {
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException when token is not null && !keys.Find(token.Kid, token.Alg).Any() =>
            $"no key of Mqtt:Jwt is for a token of the algorithm '{Shown.Of(token.Alg, 40)}' and the key '{Shown.Of(token.Kid ?? "")}'",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "the token's signature is wrong",
        SecurityTokenInvalidIssuerException => "the token is of another issuer (iss)",
        SecurityTokenInvalidAudienceException => "the token is for another audience (aud)",
        _ => "the token cannot be read",
    };

    private static Admission Refused(string why) => Admission.Refused(ReasonCode.BadUserNameOrPassword, why);
}
