using System.Net.Http.Headers;
using Broker.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Testing;

/// <summary>HTTP clients of a <see cref="BrokerHost"/> that may do something there.</summary>
public static class SignedIn
{
    /// <summary>A client that shows nothing.</summary>
    public static HttpClient Anonymous(this BrokerHost host) => new() { BaseAddress = new Uri($"http://127.0.0.1:{host.Address.HttpPort}") };

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

    /// <summary>Comes back when the host has read its accounts, which it does once the broker is ready.</summary>
    public static async Task AccountsReadAsync(this BrokerHost host)
    {
        var credentials = host.Services.GetRequiredService<Credentials>();
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Told() => read.TrySetResult();
        credentials.Changed += Told;
        if (!credentials.AreKnown) await read.Task.WaitAsync(TimeSpan.FromSeconds(30));
        credentials.Changed -= Told;
    }
}
