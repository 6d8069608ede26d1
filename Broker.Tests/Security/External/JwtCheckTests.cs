using System.Net;
using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Files;
using Broker.Web.Security.External;

namespace Broker.Tests.Security.External;

/// <summary>Which tokens let a client in, and as whom (RFC 7519, RFC 8725).</summary>
public sealed class JwtCheckTests : IDisposable
{
    private static readonly string AllKeys = string.Join('\n', Issuer.Rsa.ExportSubjectPublicKeyInfoPem(), Issuer.P256.ExportSubjectPublicKeyInfoPem(),
        Issuer.P384.ExportSubjectPublicKeyInfoPem(), Issuer.P521.ExportSubjectPublicKeyInfoPem());

    private readonly ManualTime time = new();
    private readonly KeyFile file = new(AllKeys);
    private readonly JwtOptions options;

    public JwtCheckTests() => options = file.Options();

    public void Dispose() => file.Dispose();

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task A_token_that_a_known_key_signed_lets_its_user_in(string algorithm) =>
        (await AdmitAsync(Issuer.Token(algorithm, Issuer.Claims()))).UserName.ShouldBe("anna");

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS512")]
    public async Task A_token_that_the_shared_secret_signed_lets_its_user_in(string algorithm) =>
        (await AdmitAsync(Issuer.Token(algorithm, Issuer.Claims()), with: Shared())).UserName.ShouldBe("anna");

    [Fact]
    public async Task A_public_key_does_not_serve_as_a_shared_secret()
    {
        byte[] pem = Encoding.ASCII.GetBytes(AllKeys), one = Encoding.ASCII.GetBytes(Issuer.Rsa.ExportSubjectPublicKeyInfoPem());

        await RefusedAsync(Issuer.Token("HS256", Issuer.Claims(), secret: pem), "no key of Mqtt:Jwt");
        await RefusedAsync(Issuer.Token("HS256", Issuer.Claims(), secret: one), "no key of Mqtt:Jwt");
        await RefusedAsync(Issuer.Token("HS256", Issuer.Claims(), secret: Issuer.Rsa.ExportSubjectPublicKeyInfo()), "no key of Mqtt:Jwt");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("")]
    public async Task A_token_without_a_signature_is_refused(string algorithm)
    {
        await RefusedAsync(Issuer.Token(algorithm, Issuer.Claims()), "token");
        (await AdmitAsync(Issuer.Token(algorithm, Issuer.Claims()), with: Shared())).Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
    }

    [Fact]
    public async Task A_token_that_another_key_signed_is_refused() =>
        await RefusedAsync(Issuer.Token("RS256", Issuer.Claims(), rsa: Issuer.OtherRsa), "signature is wrong");

    [Fact]
    public async Task A_token_whose_claims_were_changed_is_refused()
    {
        string[] parts = Issuer.Token(Issuer.Claims()).Split('.');
        parts[1] = Issuer.Token(Issuer.Claims(("sub", "bert"))).Split('.')[1];

        await RefusedAsync(string.Join('.', parts), "signature is wrong");
    }

    [Fact]
    public async Task Nothing_that_looks_like_a_token_does_more_than_be_refused()
    {
        var random = new Random(7);
        string good = Issuer.Token(Issuer.Claims());
        for (int i = 0; i < 500; i++)
        {
            char[] letters = good.ToCharArray();
            int at = random.Next(3, letters.Length - 1); // the last letter holds bits that count for nothing
            if (letters[at] == '.') continue;
            letters[at] = letters[at] == 'A' ? 'B' : 'A';
            (await AdmitAsync(new string(letters))).Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
        }
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("")]
    [InlineData("eyJh.eyJz")]
    [InlineData("eyJh.eyJz.c2ln.dg")]
    [InlineData("eyJh.eyJz.c2 ln")]
    [InlineData("abc.def.ghi")]
    public async Task A_password_that_does_not_look_like_a_token_is_left_to_the_next(string password) =>
        (await Check().AdmitAsync(Credentials(password), default)).ShouldBeNull();

    [Fact]
    public async Task A_token_counts_until_its_expiry_and_as_much_longer_as_clocks_may_differ()
    {
        string token = Issuer.Token(Issuer.Claims(("exp", Issuer.Now + 60)));

        (await AdmitAsync(token)).Until.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(Issuer.Now + 90));
        time.Advance(TimeSpan.FromSeconds(89));
        (await AdmitAsync(token)).Reason.ShouldBe(ReasonCode.Success);
        time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync(token, "expired");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("soon")]
    [InlineData(-1)]
    [InlineData(1e300)]
    public async Task A_token_needs_a_time_of_expiry(object? expiry) => await RefusedAsync(Issuer.Token(Issuer.Claims(("exp", expiry))), "token");

    [Fact]
    public async Task A_token_does_not_count_before_its_time()
    {
        string token = Issuer.Token(Issuer.Claims(("nbf", Issuer.Now + 31.5)));

        await RefusedAsync(token, "not valid yet");
        time.Advance(TimeSpan.FromSeconds(2));
        (await AdmitAsync(token)).Reason.ShouldBe(ReasonCode.Success);
    }

    [Fact]
    public async Task A_token_that_lives_longer_than_allowed_is_refused()
    {
        options.LongestLifetime = TimeSpan.FromMinutes(5);

        (await AdmitAsync(Issuer.Token(Issuer.Claims(("exp", Issuer.Now + 330))))).Reason.ShouldBe(ReasonCode.Success);
        await RefusedAsync(Issuer.Token(Issuer.Claims(("exp", Issuer.Now + 331))), "longer than 5 min");
    }

    [Fact]
    public async Task Issuer_and_audience_are_required_where_they_are_configured()
    {
        (options.Issuer, options.Audience) = ("https://id.example.com", "mqtt");
        Dictionary<string, object?> Of(object? issuer, object? audience) => Issuer.Claims(("iss", issuer), ("aud", audience));

        (await AdmitAsync(Issuer.Token(Of("https://id.example.com", "mqtt")))).Reason.ShouldBe(ReasonCode.Success);
        (await AdmitAsync(Issuer.Token(Of("https://id.example.com", new[] { "web", "mqtt" })))).Reason.ShouldBe(ReasonCode.Success);
        await RefusedAsync(Issuer.Token(Of("https://id.example.org", "mqtt")), "another issuer");
        await RefusedAsync(Issuer.Token(Of("https://id.example.com", "web")), "another audience");
        await RefusedAsync(Issuer.Token(Issuer.Claims(("aud", "mqtt"))), "another issuer");
        await RefusedAsync(Issuer.Token(Issuer.Claims(("iss", "https://id.example.com"))), "another audience");
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("anna", true)]
    [InlineData("Anna", false)]
    [InlineData("bert", false)]
    public async Task The_user_name_of_CONNECT_is_the_tokens_or_none(string? userName, bool isLetIn) =>
        (await AdmitAsync(Issuer.Token(Issuer.Claims()), userName)).Reason.ShouldBe(isLetIn ? ReasonCode.Success : ReasonCode.BadUserNameOrPassword);

    [Fact]
    public async Task A_token_of_somebody_else_than_the_certificate_is_refused()
    {
        string token = Issuer.Token(Issuer.Claims());

        (await Check().AdmitAsync(Credentials(token) with { CertifiedUserName = "anna" }, default))!.Reason.ShouldBe(ReasonCode.Success);
        (await Check().AdmitAsync(Credentials(token) with { CertifiedUserName = "bert" }, default))!.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
    }

    [Fact]
    public async Task The_claim_of_the_user_name_can_be_chosen()
    {
        options.UserNameClaim = "device";

        (await AdmitAsync(Issuer.Token(Issuer.Claims(("device", "d1"))))).UserName.ShouldBe("d1");
        await RefusedAsync(Issuer.Token(Issuer.Claims()), "'device' holds no user name");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" anna")]
    [InlineData("an\u0000na")]
    [InlineData(7)]
    [InlineData(null)]
    public async Task A_name_that_can_be_nobodys_is_refused(object? name) => await RefusedAsync(Issuer.Token(Issuer.Claims(("sub", name))), "holds no user name");

    [Theory]
    [InlineData("""{"sub":"anna","sub":"bert","exp":1900000000}""", "cannot be read")]
    [InlineData("""{"sub":"\ud800","exp":1900000000}""", "token")]
    [InlineData("[]", "token")]
    [InlineData("anna", "token")]
    [InlineData("""{"sub":"anna","exp":1900000000,"a":[[[[[[[[[[]]]]]]]]]]}""", "cannot be read")]
    public async Task Claims_that_are_no_plain_object_are_refused(string claims, string why) => await RefusedAsync(Issuer.Token(claims), why);

    [Fact]
    public async Task A_token_that_asks_for_an_unknown_extension_is_refused() =>
        await RefusedAsync(Issuer.Token("ES256", Issuer.Claims(), critical: true), "extension"); // RFC 7515, section 4.1.11

    [Fact]
    public async Task A_token_that_is_too_long_is_refused() => await RefusedAsync(Issuer.Token(Issuer.Claims(("filler", new string('x', 16_384)))), "longer than");

    [Fact]
    public async Task Rules_of_the_token_become_the_clients()
    {
        string token = Issuer.Token(Issuer.Claims(("acl", new object[]
        {
            new { permission = "allow", action = "publish", topic = "d/%c/#", qos = 1, retain = false },
            new { permission = "deny", action = "all", topic = "#" },
        })));

        (await AdmitAsync(token)).Rules.Select(rule => rule.ToString()).ShouldBe(
            ["its own rule: allow anyone to publish to d/%c/#, at most QoS 1, without RETAIN", "its own rule: deny anyone to publish and subscribe to #"]);
    }

    [Fact]
    public async Task Rules_that_cannot_be_read_refuse_the_client()
    {
        var refused = await AdmitAsync(Issuer.Token(Issuer.Claims(("acl", "everything"))));

        refused.Reason.ShouldBe(ReasonCode.NotAuthorized);
        refused.Why.ShouldContain("'acl' cannot be read");
    }

    [Fact]
    public async Task Whose_key_is_removed_has_to_go_and_whose_key_stands_in_the_file_in_another_form_stays()
    {
        var check = Check();
        var gone = (await check.AdmitAsync(Credentials(Issuer.Token("ES256", Issuer.Claims())), default))!.Revoked!;
        var stays = (await check.AdmitAsync(Credentials(Issuer.Token("RS256", Issuer.Claims())), default))!.Revoked!;
        var (modulus, exponent) = (Issuer.Rsa.ExportParameters(false).Modulus, Issuer.Rsa.ExportParameters(false).Exponent);

        file.Write($$"""{"keys": [{"kty": "RSA", "n": "{{Issuer.Base64(modulus)}}", "e": "{{Issuer.Base64(exponent)}}", "alg": "RS256"}]}""");
        options.Keys!.Look(out _).ShouldBe(Looked.Replaced);

        check.JudgeAgain().ShouldBe(1);
        gone.Token.IsCancellationRequested.ShouldBeTrue();
        gone.Why.ShouldBe("the key that has signed its token was removed");
        stays.Token.IsCancellationRequested.ShouldBeFalse();
    }

    private JwtOptions Shared()
    {
        file.Write(Encoding.ASCII.GetString(Issuer.Secret) + "\r\n");
        return file.Options(JwtKeys.Secret);
    }

    private JwtCheck Check(JwtOptions? with = null) => new(with ?? options, time);

    private static Core.Access.Credentials Credentials(string password, string? userName = null) =>
        new("c1", userName, KeyFile.Bytes(password), new IPEndPoint(IPAddress.Loopback, 1), AnonymousAccess.Never);

    private async Task<Admission> AdmitAsync(string token, string? userName = null, JwtOptions? with = null) =>
        (await Check(with).AdmitAsync(Credentials(token, userName), default)).ShouldNotBeNull();

    private async Task RefusedAsync(string token, string why)
    {
        var refused = await AdmitAsync(token);
        refused.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
        refused.Why.ShouldContain(why);
    }
}
