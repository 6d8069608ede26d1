using System.Net;
using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Security.Users;
using Broker.Tests.Testing;
using Broker.Web.Security.External;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Security.External;

/// <summary>What the hook is asked, what its answers mean, and that nobody gets in without one.</summary>
public sealed class HookCheckTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly ErrorLog log = new();
    private readonly Service service = new();
    private readonly HookOptions options = new() { Url = "https://hook.example/mqtt", Secret = "s3cret" };
    private readonly Lazy<HookCheck> check;

    public HookCheckTests() => check = new(() => new HookCheck(options, service, time, log.CreateLogger<HookCheck>()));

    public void Dispose()
    {
        if (check.IsValueCreated) check.Value.Dispose();
        log.Dispose();
    }

    [Fact]
    public async Task The_hook_is_asked_for_the_client_with_its_credentials()
    {
        await AdmitAsync(Credentials("anna", "pass\"word") with { CertifiedUserName = "device" });

        service.Asked.ShouldBe(["""POST https://hook.example/mqtt Bearer s3cret application/json {"clientId":"c1","userName":"anna","password":"pass\u0022word","address":"10.1.2.3","certifiedUserName":"device"}"""]);
    }

    [Fact]
    public async Task A_password_that_is_no_text_is_told_as_base64()
    {
        await AdmitAsync(Credentials(null, null));
        await AdmitAsync(Credentials(null, null) with { Password = new byte[] { 0xff, 0 } });

        service.Asked[0].ShouldEndWith("""{"clientId":"c1","userName":null,"password":null,"address":"10.1.2.3"}""");
        service.Asked[1].ShouldEndWith("""{"clientId":"c1","userName":null,"passwordBase64":"/wA=","address":"10.1.2.3"}""");
    }

    [Fact]
    public async Task An_answer_lets_the_client_in_with_a_name_with_rules_and_until_a_time()
    {
        service.Answer = """{"result": "allow", "userName": "b", "rules": [{"permission": "allow", "action": "all", "topic": "a/#"}], "expiresAt": "2026-01-01T01:00:00+01:00"}""";
        var refused = await AdmitAsync();
        service.Answer = service.Answer.Replace("+01:00", "Z", StringComparison.Ordinal);
        var admitted = await AdmitAsync();

        refused!.Why.ShouldContain("expired");
        admitted!.ShouldSatisfyAllConditions(
            one => one.UserName.ShouldBe("b"),
            one => one.Rules.ShouldHaveSingleItem().ToString().ShouldBe("its own rule: allow anyone to publish and subscribe to a/#"),
            one => one.Until.ShouldBe(time.GetUtcNow().AddHours(1)));
    }

    [Theory]
    [InlineData("anna", null, "anna")]
    [InlineData("anna", "device", "device")]
    [InlineData("", null, null)]
    [InlineData(null, null, null)]
    public async Task Without_a_name_in_the_answer_it_is_the_certificates_or_the_clients(string? userName, string? certified, string? admitted) =>
        (await AdmitAsync(Credentials(userName, "p") with { CertifiedUserName = certified }))!.UserName.ShouldBe(admitted);

    [Fact]
    public async Task A_denial_is_told_as_bad_credentials_and_its_reason_to_operators_only()
    {
        service.Answer = """{"result": "deny", "reason": "not\npaid"}""";
        var refused = await AdmitAsync();

        refused!.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
        refused.Why.ShouldBe("the hook denies it: not⟨U+000A⟩paid");
        log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_hook_ignores_is_left_to_the_next()
    {
        service.Answer = """{"result": "ignore"}""";

        (await AdmitAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "[]")]
    [InlineData(200, "{}")]
    [InlineData(200, """{"result": "Allow"}""")]
    [InlineData(200, """{"result": true}""")]
    [InlineData(200, """{"result": "deny", "result": "allow"}""")]
    [InlineData(200, """{"result": "allow", "rule": []}""")]
    [InlineData(200, """{"result": "allow", "rules": {}}""")]
    [InlineData(200, """{"result": "allow", "rules": [{"permission": "allow"}]}""")]
    [InlineData(200, """{"result": "allow", "userName": "a\u0000"}""")]
    [InlineData(200, """{"result": "allow", "expiresAt": "soon"}""")]
    [InlineData(201, """{"result": "allow"}""")]
    [InlineData(302, """{"result": "allow"}""")]
    [InlineData(500, """{"result": "allow"}""")]
    public async Task Whatever_is_no_clear_answer_refuses_the_client(int status, string answer)
    {
        (service.Status, service.Answer) = (status, answer);

        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.ServerUnavailable);
    }

    [Fact]
    public async Task A_hook_that_cannot_be_reached_refuses_and_is_logged_once()
    {
        service.Failure = new HttpRequestException("refused\r\nhere");

        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.ServerUnavailable);
        (await AdmitAsync())!.Why.ShouldContain("refused⟨U+000D⟩⟨U+000A⟩here");
        log.Errors.ShouldHaveSingleItem().ShouldContain("The hook gives no answer");
        service.Failure = null;
        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.Success, "a failure is no answer that is kept");
    }

    [Fact]
    public async Task A_hook_that_takes_too_long_refuses()
    {
        service.Hold = true;
        var waiting = AdmitAsync();
        await service.Held.WaitAsync();
        time.Advance(options.Timeout);

        (await waiting)!.ShouldSatisfyAllConditions(one => one.Reason.ShouldBe(ReasonCode.ServerUnavailable), one => one.Why.ShouldContain("longer than 3 s"));
    }

    [Fact]
    public async Task A_client_that_leaves_is_asked_for_no_longer()
    {
        service.Hold = true;
        using var left = new CancellationTokenSource();
        var waiting = check.Value.AdmitAsync(Credentials("anna", "p"), left.Token).AsTask();
        await service.Held.WaitAsync();
        left.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
        log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task No_more_questions_are_asked_at_a_time_than_allowed()
    {
        (options.Concurrency, options.Timeout, service.Hold) = (1, TimeSpan.FromSeconds(10), true);
        var first = AdmitAsync();
        await service.Held.WaitAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        var second = AdmitAsync(Credentials("bert", "p"));
        service.Hold = false;
        time.Advance(TimeSpan.FromSeconds(9));

        (await first)!.Reason.ShouldBe(ReasonCode.ServerUnavailable);
        (await second)!.Reason.ShouldBe(ReasonCode.Success);
        service.Most.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_counts_for_a_while_for_the_same_credentials_only()
    {
        service.Answer = """{"result": "deny"}""";
        await AdmitAsync();
        service.Answer = Service.Allow;

        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
        (await AdmitAsync(Credentials("anna", "other")))!.Reason.ShouldBe(ReasonCode.Success);
        (await AdmitAsync(Credentials("anna", "p") with { ClientIdentifier = "c2" }))!.Reason.ShouldBe(ReasonCode.Success);
        (await AdmitAsync(Credentials("anna", "p") with { Address = new IPEndPoint(IPAddress.Parse("10.1.2.3"), 9) }))!.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword, "another port is the same client");
        time.Advance(TimeSpan.FromSeconds(options.CacheSeconds));
        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.Success);
    }

    [Fact]
    public async Task An_answer_does_not_count_beyond_what_it_grants()
    {
        service.Answer = """{"result": "allow", "expiresAt": "2026-01-01T00:00:05Z"}""";
        await AdmitAsync();
        service.Answer = """{"result": "deny"}""";

        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.Success);
        time.Advance(TimeSpan.FromSeconds(5));
        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
    }

    [Fact]
    public async Task The_hook_is_asked_each_time_where_nothing_is_kept()
    {
        options.CacheSeconds = 0;
        await AdmitAsync();
        await AdmitAsync();

        service.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public void Answers_that_are_kept_have_a_bound()
    {
        var answers = new HookAnswers(TimeSpan.FromMinutes(1), time);
        for (int i = 0; i <= HookAnswers.Most; i++) answers.Keep($"{i}", Admission.Of("anna"));

        Enumerable.Range(0, HookAnswers.Most + 1).Count(i => answers.TryGet($"{i}", out _)).ShouldBeInRange(1, HookAnswers.Most);
        answers.TryGet($"{HookAnswers.Most}", out var last).ShouldBeTrue();
        last!.UserName.ShouldBe("anna");
    }

    [Theory]
    [InlineData("""{"result": "deny", "reason": "blocked"}""", "the hook denies it: blocked")]
    [InlineData("""{"result": "ignore"}""", "the hook leaves it to the users of the store now")]
    [InlineData("""{"result": "allow", "userName": "b"}""", "the hook gives it another user name or other rules now")]
    [InlineData("""{"result": "allow", "rules": [{"permission": "deny", "action": "all", "topic": "a"}]}""", "the hook gives it another user name or other rules now")]
    [InlineData("""{"result": "allow", "expiresAt": "2026-01-01T00:01:00Z"}""", "the hook's answer says that it has expired")]
    [InlineData("""{"result": "allow", "rules": [{"permission": "allow", "action": "all", "topic": "a"}]}""", null)]
    [InlineData("nonsense", null)]
    public async Task Whom_the_hook_would_not_let_in_again_as_it_did_has_to_go_and_while_it_is_away_nobody_has_to(string answer, string? why)
    {
        service.Answer = """{"result": "allow", "rules": [{"permission": "allow", "action": "all", "topic": "a"}]}""";
        var client = (await AdmitAsync())!.Revoked!;
        service.Answer = answer;
        time.Advance(options.RecheckInterval);

        await check.Value.AskAgainAsync(default);

        service.Asked[1].ShouldBe(service.Asked[0]);
        (client.Token.IsCancellationRequested, client.Why).ShouldBe((why is not null, why ?? ""));
    }

    [Fact]
    public async Task The_hook_is_asked_again_at_intervals()
    {
        var client = (await AdmitAsync())!.Revoked!;
        service.Answer = """{"result": "deny"}""";
        using var recheck = new HookRecheck(check.Value, options, time, log.CreateLogger<HookRecheck>());
        await recheck.StartAsync(default);

        await UserBench.UntilAsync(() =>
        {
            time.Advance(options.RecheckInterval); // the service begins on a thread of its own
            return client.Token.IsCancellationRequested;
        });
        await recheck.StopAsync(default);
    }

    [Fact]
    public async Task Who_has_left_is_not_asked_for_again()
    {
        using var left = new CancellationTokenSource();
        await check.Value.AdmitAsync(Credentials("anna", "p"), left.Token);
        left.Cancel();
        time.Advance(options.RecheckInterval);

        await check.Value.AskAgainAsync(default);

        service.Asked.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_client_that_was_blocked_is_not_let_in_again_by_an_answer_that_was_kept()
    {
        await AdmitAsync();
        service.Answer = """{"result": "deny"}""";
        await check.Value.AskAgainAsync(default); // an answer that is kept does not stand in for the question

        (await AdmitAsync())!.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
        service.Asked.Count.ShouldBe(2);
    }

    private static Core.Access.Credentials Credentials(string? userName, string? password) =>
        new("c1", userName, password is null ? (ReadOnlyMemory<byte>?)null : KeyFile.Bytes(password), new IPEndPoint(IPAddress.Parse("10.1.2.3"), 4), AnonymousAccess.Never);

    private Task<Admission?> AdmitAsync(Core.Access.Credentials? credentials = null) => check.Value.AdmitAsync(credentials ?? Credentials("anna", "p"), default).AsTask();

    /// <summary>Answers in the hook's place.</summary>
    private sealed class Service : HttpMessageHandler
    {
        public const string Allow = """{"result": "allow"}""";

        private int now;

        public string Answer { get; set; } = Allow;

        public int Status { get; set; } = 200;

        public Exception? Failure { get; set; }

        public bool Hold { get; set; }

        public SemaphoreSlim Held { get; } = new(0);

        public int Most { get; private set; }

        public List<string> Asked { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Most = Math.Max(Most, Interlocked.Increment(ref now));
            try
            {
                Asked.Add($"{request.Method} {request.RequestUri} {request.Headers.Authorization} {request.Content!.Headers.ContentType} {await request.Content.ReadAsStringAsync(cancellationToken)}");
                if (Hold)
                {
                    Held.Release();
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                }
                return Failure is null ? new HttpResponseMessage((HttpStatusCode)Status) { Content = new StringContent(Answer, Encoding.UTF8) } : throw Failure;
            }
            finally
            {
                Interlocked.Decrement(ref now);
            }
        }
    }
}
