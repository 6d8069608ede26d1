using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Components.Texts;

namespace Broker.Web.Security.External;

/// <summary>
/// Asks a service by HTTP who a client is and what it may do. Whatever is no clear answer refuses the client: nobody gets in because the service is away.
/// </summary>
internal sealed partial class HookCheck : ICredentialCheck, IDisposable
{
    private const int LongestAnswer = 64 * 1024;

    private readonly HookOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly HttpClient client;
    private readonly SemaphoreSlim places;
    private readonly HookAnswers answers;
    private readonly Admitted<Asked> admitted = new();
    private int isAway;

    /// <param name="options">The service.</param>
    /// <param name="handler">Carries the requests; see <see cref="Handler"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Hears when the service goes away, and when it is back.</param>
    public HookCheck(HookOptions options, HttpMessageHandler handler, TimeProvider time, ILogger<HookCheck> log)
    {
        (this.options, this.time, this.log) = (options, time, log);
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
        if (options.Secret.Length > 0) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Secret);
        places = new SemaphoreSlim(options.Concurrency);
        answers = new HookAnswers(TimeSpan.FromSeconds(options.CacheSeconds), time);
        if (new Uri(options.Url) is { Scheme: "http", IsLoopback: false } url) LogPlain(log, url.Host);
    }

    /// <summary>Carries requests straight to the service: no redirect, which would take passwords elsewhere, no proxy, no cookies; certificates are checked as everywhere.</summary>
    public static SocketsHttpHandler Handler(HookOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        MaxConnectionsPerServer = options.Concurrency,
        MaxResponseHeadersLength = 16,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // a service that moves is found again
    };

    /// <inheritdoc/>
    public async ValueTask<Admission?> AdmitAsync(Core.Access.Credentials credentials, CancellationToken cancellation)
    {
        byte[] question = HookQuestion.Of(credentials);
        var answer = await AnswerAsync(question, credentials, anew: false, cancellation).ConfigureAwait(false);
        if (answer is not { Reason: ReasonCode.Success } || options.RecheckInterval <= TimeSpan.Zero) return answer;
        return answer with { Revoked = admitted.Add(new Asked(question, credentials with { Password = null }, answer), cancellation).Revocation };
    }

    /// <summary>Asks again for all clients that it has let in and that are connected: whom it would not let in as it did has to go. While it is away they stay.</summary>
    public Task AskAgainAsync(CancellationToken cancellation)
    {
        var some = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Concurrency / 2), CancellationToken = cancellation }; // clients that connect find a place
        return Parallel.ForEachAsync(admitted.All, some, async (client, ended) =>
        {
            var now = await AnswerAsync(client.Proof.Question, client.Proof.Credentials, anew: true, ended).ConfigureAwait(false);
            if (Withdrawal(client.Proof.Answer, now) is { } why) client.Revocation.Revoke(why);
        });
    }

    private static string? Withdrawal(Admission before, Admission? now) => now switch
    {
        null => "the hook leaves it to the users of the store now",
        { Reason: ReasonCode.ServerUnavailable or ReasonCode.ServerBusy } => null,
        { Reason: not ReasonCode.Success } => now.Why,
        _ => now.UserName == before.UserName && now.Rules.SequenceEqual(before.Rules) ? null : "the hook gives it another user name or other rules now",
    };

    private async ValueTask<Admission?> AnswerAsync(byte[] question, Core.Access.Credentials credentials, bool anew, CancellationToken cancellation)
    {
        string name = answers.NameOf(question);
        if (!anew && answers.TryGet(name, out var known)) return known;
        await Task.Yield(); // off the event loop
        if (!await TakePlaceAsync(cancellation).ConfigureAwait(false)) return Admission.Refused(ReasonCode.ServerBusy, "too many clients wait for the hook");
        try
        {
            var answer = await AskAsync(question, credentials, cancellation).ConfigureAwait(false);
            if (answer?.Until <= time.GetUtcNow()) return Admission.Refused(ReasonCode.BadUserNameOrPassword, "the hook's answer says that it has expired");
            answers.Keep(name, answer);
            if (Interlocked.Exchange(ref isAway, 0) == 1) LogBack(log);
            return answer;
        }
        catch (UnansweredException unanswered)
        {
            string why = Shown.Of(unanswered.Message);
            if (Interlocked.Exchange(ref isAway, 1) == 0) LogAway(log, why);
            return Admission.Refused(ReasonCode.ServerUnavailable, $"the hook gives no answer: {why}");
        }
        finally
        {
            places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        places.Dispose();
    }

    private async Task<bool> TakePlaceAsync(CancellationToken cancellation)
    {
        using var patience = new Patience(options.Timeout, time, cancellation);
        try
        {
            await places.WaitAsync(patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<Admission?> AskAsync(byte[] question, Core.Access.Credentials credentials, CancellationToken cancellation)
    {
        using var patience = new Patience(options.Timeout, time, cancellation);
        using var content = new ByteArrayContent(question) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using var response = await client.PostAsync(new Uri(options.Url), content, patience.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK) throw new UnansweredException($"it answers {(int)response.StatusCode}, not 200");
            return HookAnswer.Read(await response.Content.ReadAsByteArrayAsync(patience.Token).ConfigureAwait(false), credentials);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new UnansweredException($"it takes longer than {Configuration.Quantities.Show(options.Timeout)}");
        }
        catch (HttpRequestException failure)
        {
            throw new UnansweredException(failure.InnerException is { } inner ? $"{failure.Message} {inner.Message}" : failure.Message);
        }
        catch (Exception failure) when (failure is FormatException or JsonException)
        {
            throw new UnansweredException($"its answer cannot be read: {failure.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The hook gives no answer, and clients that need one are refused: {Why}")]
    private static partial void LogAway(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "The hook answers again")]
    private static partial void LogBack(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mqtt:Hook:Url is not encrypted: passwords of clients cross the network to {Host} as they are. Use https:// unless nobody else can listen there")]
    private static partial void LogPlain(ILogger log, string host);

    // The password stands in the question alone.
    private sealed record Asked(byte[] Question, Core.Access.Credentials Credentials, Admission Answer);

    private sealed class UnansweredException(string why) : Exception(why);

    /// <summary>Ends with the client's connection, or after a time.</summary>
    private sealed class Patience : IDisposable
    {
        private readonly CancellationTokenSource over, either;

        public Patience(TimeSpan longest, TimeProvider time, CancellationToken cancellation)
        {
            over = new CancellationTokenSource(longest, time);
            either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        }

        public CancellationToken Token => either.Token;

        public void Dispose()
        {
            either.Dispose();
            over.Dispose();
        }
    }
}
