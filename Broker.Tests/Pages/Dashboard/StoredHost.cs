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
    public static async Task<StoredHost> StartAsync(string provider)
    {
        var host = new StoredHost();
        var database = provider == "PostgreSql" ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() : $"Data Source={Path.Combine(host.folder.FullName, "broker.db")}";
        await host.Broker.StartAsync($"--Storage:Provider={provider}", $"--ConnectionStrings:Broker={database}", $"--Admin:Password={SignedIn.Password}", "--Mqtt:Limits:TransientQueueMessages=50");
        host.admin = await WebSession.SignInAsync(host.Origin, "admin", SignedIn.Password);
        return host;
    }

    /// <summary>True for the first who asks, who then puts something on the host to look at.</summary>
    public bool TryFurnish() => !Interlocked.Exchange(ref furnished, true);

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
