using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Files;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security.External;

/// <summary>A host that takes tokens, and asks a hook that is away.</summary>
public sealed class ExternalHost : BrokerHostWithManualTime
{
    private readonly KeyFile keys;

    public ExternalHost() : this(new KeyFile(Issuer.P256.ExportSubjectPublicKeyInfoPem()))
    {
    }

    private ExternalHost(KeyFile keys) : base(("Mqtt:Jwt:KeyFile", keys.Path), ("Mqtt:Hook:Url", "http://127.0.0.1:1/")) => this.keys = keys;

    /// <summary>Writes the file of keys anew, and sees to it that it is read.</summary>
    public void UseKeys(string text)
    {
        keys.Write(text);
        foreach (var reader in Services.GetServices<IFileReader>()) reader.Look();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        keys.Dispose();
    }
}

/// <summary>Clients with tokens, from CONNECT to the end of the token.</summary>
public sealed class ExternalHostTests(ExternalHost host) : IClassFixture<ExternalHost>
{
    [Fact]
    public async Task A_client_may_do_what_its_token_says_until_the_token_ends()
    {
        long now = host.Clock.GetUtcNow().ToUnixTimeSeconds();
        var rules = new object[] { new { permission = "allow", action = "all", topic = "mine/#" }, new { permission = "deny", action = "all", topic = "#" } };
        var (client, connected) = await ConnectAsync(ProtocolVersion.V5, Issuer.Token(Issuer.Claims(("exp", now + 60), ("acl", rules))));
        connected.Reason.ShouldBe(ReasonCode.Success);
        await client.SendAsync(new Subscribe(1, [new SubscriptionRequest("mine/a", new SubscriptionOptions(QualityOfService.AtMostOnce)), new SubscriptionRequest("a", new SubscriptionOptions(QualityOfService.AtMostOnce))]));
        (await client.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.Success, ReasonCode.NotAuthorized]);

        host.Clock.Advance(TimeSpan.FromSeconds(90)); // a minute, and as much as clocks may differ

        (await client.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        client.Dispose();
    }

    [Fact]
    public async Task A_client_has_to_go_when_the_key_of_its_token_is_removed()
    {
        var (client, connected) = await ConnectAsync(ProtocolVersion.V5, Issuer.Token(Issuer.Claims(("exp", Issuer.Now + 86_400))), "c3");
        connected.Reason.ShouldBe(ReasonCode.Success);
        host.UseKeys(Issuer.P256.ExportSubjectPublicKeyInfoPem() + "\n" + Issuer.P384.ExportSubjectPublicKeyInfoPem());
        await client.FenceAsync();

        host.UseKeys(Issuer.P384.ExportSubjectPublicKeyInfoPem());

        (await client.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        client.Dispose();
        host.UseKeys(Issuer.P256.ExportSubjectPublicKeyInfoPem());
    }

    [Fact]
    public async Task A_subscription_of_an_earlier_token_ends_where_the_next_one_does_not_allow_it()
    {
        string Token(string permission) => Issuer.Token(Issuer.Claims(("exp", Issuer.Now + 86_400), ("acl", new object[] { new { permission, action = "subscribe", topic = "a" } })));
        var (first, _) = await ConnectAsync(ProtocolVersion.V5, Token("allow"), "c2", expiry: 300);
        await first.SendAsync(new Subscribe(1, [new SubscriptionRequest("a", new SubscriptionOptions(QualityOfService.AtLeastOnce))]));
        (await first.ExpectAsync<SubAck>()).Reasons.ShouldBe([ReasonCode.GrantedQoS1]);
        var (second, resumed) = await ConnectAsync(ProtocolVersion.V5, Token("deny"), "c2", expiry: 300);

        resumed.SessionPresent.ShouldBeTrue();
        await second.SendAsync(new Publish { Topic = "a"u8.ToArray(), QoS = QualityOfService.AtLeastOnce, PacketIdentifier = 1 });
        (await second.ExpectAsync<PubAck>()).Reason.ShouldBe(ReasonCode.NoMatchingSubscribers);
        first.Dispose();
        second.Dispose();
    }

    [Theory]
    [InlineData(ProtocolVersion.V5)]
    [InlineData(ProtocolVersion.V311)]
    public async Task A_token_that_is_not_right_is_refused(ProtocolVersion version)
    {
        var (client, answer) = await ConnectAsync(version, Issuer.Token("HS256", Issuer.Claims()));

        answer.Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
        client.Dispose();
    }

    [Theory]
    [InlineData("password")]
    [InlineData(null)]
    public async Task Who_has_no_token_is_the_hooks_to_judge_and_stays_out_while_it_is_away(string? password)
    {
        var (client, answer) = await ConnectAsync(ProtocolVersion.V5, password);

        answer.Reason.ShouldBe(ReasonCode.ServerUnavailable);
        client.Dispose();
    }

    [Fact]
    public void Clients_bring_rules() => host.Services.GetRequiredService<AccessControl>().ClientsBringRules.ShouldBeTrue();

    private async Task<(ScriptedClient Client, ConnAck Answer)> ConnectAsync(ProtocolVersion version, string? password, string name = "c1", uint expiry = 0)
    {
        var properties = new PropertiesBuilder();
        if (expiry > 0) properties.Add(PropertyId.SessionExpiryInterval, expiry);
        var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, version, name);
        await client.SendAsync(new Connect
        {
            Version = version,
            ClientIdentifier = name,
            CleanStart = expiry == 0,
            Properties = properties.Build(),
            UserName = password is null ? null : "anna",
            Password = password is null ? (ReadOnlyMemory<byte>?)null : KeyFile.Bytes(password),
        });
        return (client, await client.ExpectAsync<ConnAck>());
    }
}
