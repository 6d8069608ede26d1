using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Broker.Tests.Testing;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>Signing in with a name and a password.</summary>
public sealed class SignInTests(SignInHost host) : IClassFixture<SignInHost>
{
    [Fact]
    public async Task The_right_password_opens_the_page_that_was_asked_for()
    {
        using var visitor = new WebSession(host.Origin());
        using var answer = await visitor.SendFormAsync("/sign-in?returnUrl=%2F%3Fhours%3D2", ("name", "Admin"), ("password", SignedIn.Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldEndWith("/?hours=2");
        (await visitor.Http.GetAsync("/?hours=2")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("evil")]
    public async Task Nobody_is_led_to_another_host(string returnUrl)
    {
        using var visitor = new WebSession(host.Origin());
        using var answer = await visitor.SendFormAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl), ("name", "admin"), ("password", SignedIn.Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        new Uri(new Uri(host.Origin()), answer.Headers.Location!).ToString().ShouldBe(host.Origin() + "/");
    }

    [Fact]
    public async Task No_script_can_read_the_cookie_and_no_other_page_can_send_a_form_with_it()
    {
        using var visitor = new WebSession(host.Origin());
        using var answer = await visitor.SendFormAsync("/sign-in", ("name", "admin"), ("password", SignedIn.Password));

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("broker-session=", StringComparison.Ordinal));
        cookie.ShouldContain("; httponly");
        cookie.ShouldContain("; samesite=lax");
        cookie.ShouldNotContain("; secure"); // over plain HTTP on this machine a browser would not send it
    }

    [Theory]
    [InlineData("admin", "wrong password")]
    [InlineData("nobody", "wrong password")]
    [InlineData("nobody", SignedIn.Password)]
    [InlineData("", "wrong password")]
    public async Task A_wrong_name_costs_as_much_as_a_wrong_password_and_gets_the_same_answer(string name, string password)
    {
        using var visitor = new WebSession(host.Origin());
        var compared = host.Hasher.Compared;
        using var answer = await visitor.SendFormAsync("/sign-in", ("name", name), ("password", password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("The name or the password is wrong.");
        host.Hasher.Compared.ShouldBe(compared + 1);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        host.Clock.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_password_that_is_too_long_is_refused_before_it_is_hashed()
    {
        using var visitor = new WebSession(host.Origin());
        var compared = host.Hasher.Compared;
        using var answer = await visitor.SendFormAsync("/sign-in", ("name", "admin"), ("password", new string('x', Passwords.LongestBytes + 1)));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        host.Hasher.Compared.ShouldBe(compared);
        host.Clock.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Without_the_forms_token_nothing_is_taken()
    {
        using var visitor = new WebSession(host.Origin());
        await visitor.Http.GetStringAsync("/sign-in");
        var compared = host.Hasher.Compared;
        using var answer = await visitor.PostAsync("/sign-in", ("_handler", "sign-in"), ("name", "admin"), ("password", SignedIn.Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        host.Hasher.Compared.ShouldBe(compared);
    }

    [Fact]
    public async Task Guesses_have_to_wait_longer_and_longer_and_then_cost_nothing()
    {
        var name = await host.AddAccountAsync(Role.Viewer);
        using var guesser = new WebSession(host.Origin());
        for (int guess = 1; guess <= SignInThrottle.FreeOfPair; guess++) (await GuessAsync(guesser, name)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        var compared = host.Hasher.Compared;
        using var answer = await GuessAsync(guesser, name);
        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        host.Hasher.Compared.ShouldBe(compared);

        host.Clock.Advance(TimeSpan.FromSeconds(1));
        (await GuessAsync(guesser, name)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await GuessAsync(guesser, name)).Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        host.Clock.Advance(TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("Host", "broker.example")]
    public async Task Over_a_network_without_TLS_no_password_is_taken(string header, string value)
    {
        using var visitor = new WebSession(host.Origin());
        var fields = WebSession.HiddenFields(await visitor.Http.GetStringAsync("/sign-in")).ToArray();
        visitor.Http.DefaultRequestHeaders.Add(header, value);
        var compared = host.Hasher.Compared;
        using var page = await visitor.Http.GetAsync("/sign-in");
        using var answer = await visitor.PostAsync("/sign-in", [.. fields, ("name", "admin"), ("password", SignedIn.Password)]);

        page.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await page.Content.ReadAsStringAsync()).ShouldContain("passwords are taken over HTTPS only");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest); // there is no such form
        host.Hasher.Compared.ShouldBe(compared);
    }

    [Fact]
    public async Task A_program_may_show_a_name_and_a_password_with_each_request()
    {
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = Basic("admin", SignedIn.Password);
        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);

        client.DefaultRequestHeaders.Authorization = Basic("admin", "wrong password");
        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        host.Clock.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_password_that_comes_with_each_request_is_compared_now_and_then()
    {
        var name = await host.AddAccountAsync(Role.Viewer);
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = Basic(name, SignedIn.Password);
        var compared = host.Hasher.Compared;
        for (int n = 0; n < 5; n++) (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
        host.Hasher.Compared.ShouldBe(compared + 1);

        host.Clock.Advance(TimeSpan.FromMinutes(5));
        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
        host.Hasher.Compared.ShouldBe(compared + 2);

        await host.Services.GetRequiredService<Accounts>().SetPasswordAsync(name, "another long password", Actor.Configuration);
        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        host.Clock.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Who_signs_in_is_noted()
    {
        var name = await host.AddAccountAsync(Role.Viewer);
        (await WebSession.SignInAsync(host.Origin(), name, SignedIn.Password)).Dispose();

        host.Services.GetRequiredService<Accounts>().All.Single(row => row.Name == name).LastSignInAt.ShouldBe(host.Clock.GetUtcNow().UtcDateTime);
        var rows = await host.Services.GetRequiredService<AuditTrail>().ReadAsync(new AuditFilter(Target: name), null, 10, default);
        rows.Select(row => (row.Actor, row.Address, row.Action)).ShouldBe([(name, "127.0.0.1", "signed in"), ("configuration", null, "account added")]);
    }

    private static Task<HttpResponseMessage> GuessAsync(WebSession guesser, string name) => guesser.SendFormAsync("/sign-in", ("name", name), ("password", "wrong password"));

    private static AuthenticationHeaderValue Basic(string name, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
}
