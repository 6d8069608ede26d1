using System.Net;
using System.Text.RegularExpressions;
using Broker.Tests.RealClients;

namespace Broker.Tests.Testing;

/// <summary>Somebody with a browser, without the browser: keeps cookies, reads forms and sends them. It is not led on by redirections.</summary>
public sealed partial class WebSession : IDisposable
{
    private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true };

    /// <summary>Nobody is signed in yet.</summary>
    public WebSession(string origin) => Http = new HttpClient(handler) { BaseAddress = new Uri(origin), DefaultRequestHeaders = { { "Accept", "text/html" } } };

    /// <summary>Sends single requests, with the cookies.</summary>
    public HttpClient Http { get; }

    /// <summary>The cookies.</summary>
    public IEnumerable<Cookie> Cookies => handler.CookieContainer.GetCookies(Http.BaseAddress!);

    /// <summary>Signs in, once the host has read its accounts.</summary>
    public static async Task<WebSession> SignInAsync(string origin, string name, string password)
    {
        var session = new WebSession(origin);
        using var deadline = new CancellationTokenSource(RunningProgram.Patience);
        while (true)
        {
            using var page = await session.Http.GetAsync("/sign-in", deadline.Token);
            if (page.StatusCode != HttpStatusCode.ServiceUnavailable) break;
            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
        using var answer = await session.SendFormAsync("/sign-in", ("name", name), ("password", password));
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return session;
    }

    /// <summary>Opens a page, fills in its first form and sends it.</summary>
    public async Task<HttpResponseMessage> SendFormAsync(string path, params (string Name, string Value)[] fields)
    {
        var page = await Http.GetStringAsync(path);
        return await PostAsync(path, [.. HiddenFields(page), .. fields]);
    }

    /// <summary>Sends a form as it is given, without a look at the page.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        Http.PostAsync(path, new FormUrlEncodedContent(fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value))));

    /// <summary>The hidden fields of the form that a page handles itself, or of the one that goes to <paramref name="action"/>.</summary>
    public static IEnumerable<(string Name, string Value)> HiddenFields(string page, string? action = null) =>
        Forms().Matches(page).Select(form => form.Value).Where(form => form.Contains(action is null ? "name=\"_handler\"" : $"action=\"{action}\"", StringComparison.Ordinal))
            .Take(1).SelectMany(form => Hidden().Matches(form)).Select(field => (WebUtility.HtmlDecode(field.Groups["name"].Value), WebUtility.HtmlDecode(field.Groups["value"].Value)));

    /// <inheritdoc/>
    public void Dispose()
    {
        Http.Dispose();
        handler.Dispose();
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]*)" value="(?<value>[^"]*)" */?>""")]
    private static partial Regex Hidden();
}
