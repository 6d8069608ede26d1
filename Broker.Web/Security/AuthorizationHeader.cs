using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Broker.Web.Security.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Broker.Web.Security;

/// <summary><c>Authorization: Bearer</c> with an API key; <c>Basic</c> with the name and password of an account, or with any name and an API key.</summary>
internal sealed class AuthorizationHeader(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, ApiKeys keys, SignInCheck signIn, ThisMachine machine)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Authorization";

    private const int Longest = 4_096;
    private string? failure;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var sent = Request.Headers.Authorization.ToString();
        if (sent.Length > Longest || !AuthenticationHeaderValue.TryParse(sent, out var header) || header.Parameter is not { } parameter) return Fail("the Authorization header cannot be read");
        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return await CheckKeyAsync(parameter);
        if (header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && Decode(parameter) is var (name, password))
            return password.StartsWith(ApiKeys.Prefix, StringComparison.Ordinal) ? await CheckKeyAsync(password) : await CheckPasswordAsync(name, password);
        return Fail("the Authorization header is neither Bearer with an API key nor Basic with a name and a password");
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        await Refusals.UnauthorizedAsync(Context, failure);
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusals.ForbiddenAsync(Context);

    private async Task<AuthenticateResult> CheckKeyAsync(string key)
    {
        var (row, why) = await keys.CheckAsync(key, Context.RequestAborted);
        return row is null ? Fail(why) : Succeed(Claims.Of(row, Name));
    }

    private async Task<AuthenticateResult> CheckPasswordAsync(string name, string password)
    {
        if (!machine.MayTakePasswords(Context)) return Fail(ThisMachine.NeedsTls);
        var result = await signIn.CheckAsync(name, password, Context.Connection.RemoteIpAddress, Context.RequestAborted);
        return result.Account is { } account ? Succeed(Claims.Of(account, Actor.AddressOf(Context), Name)) : Fail(result.Failure);
    }

    private static AuthenticateResult Succeed(ClaimsPrincipal who) => AuthenticateResult.Success(new AuthenticationTicket(who, Name));

    private AuthenticateResult Fail(string why)
    {
        failure = why;
        return AuthenticateResult.Fail(why);
    }

    private static (string Name, string Password)? Decode(string parameter)
    {
        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length)) return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (text[..colon], text[(colon + 1)..]) : null;
    }
}
