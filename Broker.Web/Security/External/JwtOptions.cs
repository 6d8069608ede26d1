using Broker.Web.Files;

namespace Broker.Web.Security.External;

/// <summary>JSON Web Tokens as passwords (RFC 7519), below <c>Mqtt:Jwt</c>.</summary>
public sealed class JwtOptions
{
    /// <summary>A file with the public keys of who makes the tokens: PEM, or a JSON Web Key Set (RFC 7517).</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>A file with the secret that is shared with who makes the tokens, of at least 32 bytes.</summary>
    public string SecretFile { get; set; } = "";

    /// <summary>The <c>iss</c> that a token must have; empty for any.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>The <c>aud</c> that a token must have, perhaps among others; empty for any.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The claim that holds the user name.</summary>
    public string UserNameClaim { get; set; } = "sub";

    /// <summary>The claim that holds rules of access.</summary>
    public string RulesClaim { get; set; } = "acl";

    /// <summary>How long a token may still be valid when it is presented; 0 for any time.</summary>
    public TimeSpan LongestLifetime { get; set; }

    /// <summary>How far the clock of who makes the tokens may be off.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The keys, read again when their file changes; null where tokens are not used.</summary>
    internal WatchedFiles<JwtKeys>? Keys { get; set; }
}
