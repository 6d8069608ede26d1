using System.Net.Http.Json;
using System.Text;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Microsoft.Playwright;

namespace Broker.Tests.Pages.Dashboard;

/// <summary>The real host on a database of its own, with a history, and an administrator who is signed in.</summary>
public sealed class StoredHost : IAsyncDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-dashboard-");
    WebSession? admin;
    bool furnished;

    /// <summary>The process.</summary>
    public BrokerProcess Broker { get; } = new();

    /// <summary>Where its pages are.</summary>
    public string Origin => $"http://127.0.0.1:{Broker.HttpPort}";

    /// <summary>The session of the administrator, as cookies of a browser.</summary>
    public IEnumerable<Cookie> AdminCookies => CookiesOf(admin!);

    /// <summary>Starts one on PostgreSQL or SQLite.</summary>
    /// <param name="provider">Which of them.</param>
    /// <param name="fill">Fills the empty database before, by provider and connection string; null leaves it empty.</param>
    /// <param name="server">The PostgreSQL server, if it is not the one that tests share.</param>
    public static async Task<StoredHost> StartAsync(string provider, Func<string, string, Task>? fill = null, PostgresServer? server = null)
    {
        var host = new StoredHost();
        var database = provider == "PostgreSql" ? await (server ?? await PostgresServer.SharedAsync()).CreateDatabaseAsync() : $"Data Source={Path.Combine(host.folder.FullName, "broker.db")}";
        if (fill is not null) await fill(provider, database);
        await host.Broker.StartAsync($"--Storage:Provider={provider}", $"--ConnectionStrings:Broker={database}", $"--Admin:Password={SignedIn.Password}", "--Mqtt:Limits:TransientQueueMessages=50", "--Mqtt:Listeners:0:AllowAnonymous=true");
        host.admin = await WebSession.SignInAsync(host.Origin, "admin", SignedIn.Password);
        return host;
    }

    /// <summary>True for the first who asks, who then puts something on the host to look at.</summary>
    public bool TryFurnish() => !Interlocked.Exchange(ref furnished, true);

    /// <summary>Asks REST as the administrator.</summary>
    public HttpClient AsAdmin()
    {
        var rest = new HttpClient { BaseAddress = new Uri(Origin) };
        rest.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{SignedIn.Password}")));
        return rest;
    }

    /// <summary>Adds an account of a role and signs it in.</summary>
    public async Task<IEnumerable<Cookie>> SignInAsync(string role)
    {
        using var rest = AsAdmin();
        var name = $"{role}-{Guid.NewGuid():N}";
        using var added = await rest.PostAsJsonAsync("/api/v1/administrators", new { name, password = SignedIn.Password, role });
        added.EnsureSuccessStatusCode();
        using var session = await WebSession.SignInAsync(Origin, name, SignedIn.Password);
        return [.. CookiesOf(session)];
    }

    /// <summary>A session as cookies of a browser.</summary>
    public IEnumerable<Cookie> CookiesOf(WebSession session) => session.Cookies.Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = Origin });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        admin?.Dispose();
        await Broker.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
