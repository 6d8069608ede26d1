using System.Net;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Listeners;
using Broker.Web.Security.External;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Security.External;

/// <summary>The hook over real HTTP: where its answers may come from.</summary>
public sealed class HookTransportTests : IAsyncLifetime
{
    private readonly Certificates certificates = new();
    private WebApplication service = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificates.Pfx, Certificates.Password));
        });
        service = builder.Build();
        service.MapPost("/allow", () => Results.Text("""{"result": "allow"}""", "application/json"));
        service.MapPost("/redirect", () => Results.Redirect("/allow", preserveMethod: true));
        service.MapPost("/long", () => Results.Text("""{"result": "allow"}""" + new string(' ', 65_536), "application/json"));
        await service.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await service.DisposeAsync();
        certificates.Dispose();
    }

    [Theory]
    [InlineData("/allow", ReasonCode.Success, "")]
    [InlineData("/redirect", ReasonCode.ServerUnavailable, "307")]
    [InlineData("/long", ReasonCode.ServerUnavailable, "buffer")]
    [InlineData("/nowhere", ReasonCode.ServerUnavailable, "404")]
    public async Task Only_the_address_itself_answers_and_briefly(string path, ReasonCode reason, string why)
    {
        var admission = await AskAsync(service.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal)) + path);

        admission.Reason.ShouldBe(reason, admission.Why);
        admission.Why.ShouldContain(why);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_refuses()
    {
        var admission = await AskAsync(service.Urls.First(url => url.StartsWith("https:", StringComparison.Ordinal)) + "/allow");

        admission.Reason.ShouldBe(ReasonCode.ServerUnavailable);
        admission.Why.ShouldContain("certificate");
    }

    private static async Task<Admission> AskAsync(string url)
    {
        var options = new HookOptions { Url = url, Timeout = TimeSpan.FromMinutes(1) };
        using var check = new HookCheck(options, HookCheck.Handler(options), TimeProvider.System, NullLogger<HookCheck>.Instance);
        return (await check.AdmitAsync(new Core.Access.Credentials("c1", null, null, null, AnonymousAccess.Never), default)).ShouldNotBeNull();
    }
}
