using System.Net.Http.Headers;
using Broker.Tests.RealClients;
using Broker.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Testing;

/// <summary>HTTP clients of a <see cref="BrokerHost"/> that may do something there.</summary>
public static class SignedIn
{
    /// <summary>The password of every account of tests.</summary>
    public const string Password = "correct horse battery staple";

    /// <summary>A client that shows nothing.</summary>
    public static HttpClient Anonymous(this BrokerHost host) => new() { BaseAddress = new Uri(host.Origin()) };

    /// <summary>Where the host's pages are.</summary>
    public static string Origin(this BrokerHost host) => $"http://127.0.0.1:{host.Address.HttpPort}";

    /// <summary>A client with a new API key of these scopes.</summary>
    public static async Task<HttpClient> WithScopesAsync(this BrokerHost host, params string[] scopes)
    {
        var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await host.CreateKeyAsync(scopes));
        return client;
    }

    /// <summary>A new API key of these scopes.</summary>
    public static async Task<string> CreateKeyAsync(this BrokerHost host, params string[] scopes)
    {
        await host.AccountsReadAsync();
        return (await host.Services.GetRequiredService<ApiKeys>().CreateAsync("test", scopes, null, Actor.Configuration)).Key;
    }

    /// <summary>A session of a new account of this role, whose name nobody else has.</summary>
    public static async Task<WebSession> SignInAsync(this BrokerHost host, Role role)
    {
        var name = await host.AddAccountAsync(role);
        return await WebSession.SignInAsync(host.Origin(), name, Password);
    }

    /// <summary>A new account of this role.</summary>
    /// <returns>Its name.</returns>
    public static async Task<string> AddAccountAsync(this BrokerHost host, Role role)
    {
        await host.AccountsReadAsync();
        var name = $"{role.Word()}-{Guid.NewGuid():N}";
        await host.Services.GetRequiredService<Accounts>().AddAsync(name, Password, role, Actor.Configuration);
        return name;
    }

    /// <summary>Comes back when the host has read its accounts, which it does once the broker is ready.</summary>
    public static async Task AccountsReadAsync(this BrokerHost host)
    {
        var credentials = host.Services.GetRequiredService<Credentials>();
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Told() => read.TrySetResult();
        credentials.Changed += Told;
        if (!credentials.AreKnown) await read.Task.WaitAsync(RunningProgram.Patience);
        credentials.Changed -= Told;
    }
}
