using System.Net;
using Broker.Tests.Listeners;
using Broker.Tests.Testing;

namespace Broker.Tests.Security;

/// <summary>Signing in over HTTPS.</summary>
public sealed class TlsSignInTests : IAsyncLifetime
{
    private readonly Certificates certificates = new();
    private readonly HttpsHost host;

    public TlsSignInTests() => host = new HttpsHost(certificates);

    public async Task InitializeAsync()
    {
        await host.InitializeAsync();
        await host.AccountsReadAsync();
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        certificates.Dispose();
    }

    [Fact]
    public async Task The_cookie_never_leaves_it()
    {
        using var visitor = new WebSession($"https://127.0.0.1:{host.Address.HttpPort}");
        using var answer = await visitor.SendFormAsync("/sign-in", ("name", "admin"), ("password", SignedIn.Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("broker-session=", StringComparison.Ordinal)).ShouldContain("; secure");
    }

    [Fact]
    public async Task Passwords_are_taken_from_other_hosts()
    {
        using var visitor = new WebSession($"https://127.0.0.1:{host.Address.HttpPort}");
        visitor.Http.DefaultRequestHeaders.Host = "broker.example";
        using var answer = await visitor.SendFormAsync("/sign-in", ("name", "admin"), ("password", SignedIn.Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    private sealed class HttpsHost(Certificates certificates) : BrokerHost(
        ("Admin:Password", SignedIn.Password), ("Kestrel:Endpoints:Http:Url", "https://127.0.0.1:0"),
        ("Kestrel:Endpoints:Http:Certificate:Path", certificates.Chain), ("Kestrel:Endpoints:Http:Certificate:KeyPath", certificates.Key));
}
