using System.Collections.Concurrent;
using System.Net;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Tests.Connections;
using Broker.Tests.Testing;

namespace Broker.Tests.Access;

/// <summary>Takes every client at its word: it is the user that it says to be.</summary>
internal sealed class GullibleAuthenticator : IAuthenticator
{
    public ValueTask<Admission> AuthenticateAsync(Credentials credentials, CancellationToken cancellation) => new(Admission.Of(credentials.UserName));

    public IAuthenticationExchange? Begin(string method, EndPoint? address) => null;
}

/// <summary>Keeps what happened to clients.</summary>
internal sealed class EventList : IClientEvents
{
    private readonly ConcurrentQueue<ClientEvent> told = new();

    public IEnumerable<T> Of<T>() where T : ClientEvent => told.OfType<T>();

    public void Tell(ClientEvent happened) => told.Enqueue(happened);

    public void Dropped(DropTally tally)
    {
    }
}

/// <summary>A broker in memory whose clients are the users that they say to be.</summary>
internal sealed class AccessBench : IDisposable
{
    private readonly BrokerBench bench;

    public AccessBench(AccessOptions? access = null) =>
        bench = new BrokerBench(durable: false, authenticator: new GullibleAuthenticator(), access: access, events: Events);

    public MqttBroker Broker => bench.Broker;

    public EventList Events { get; } = new();

    /// <summary>Rules by their words: <c>allow user anna publish a/#</c>, one a line; what none concerns is denied.</summary>
    public static AccessPolicy Rules(params string[] lines) => new([.. lines.Select(Rule)], allowsByDefault: false);

    /// <summary>As <see cref="Rules"/>, but what none concerns is allowed.</summary>
    public static AccessPolicy OpenRules(params string[] lines) => new([.. lines.Select(Rule)], allowsByDefault: true);

    /// <summary>A rule by its words.</summary>
    public static AccessRule Rule(string line, int index)
    {
        string[] words = line.Split(' ');
        var subject = Enum.Parse<AccessSubject>(words[1], ignoreCase: true);
        bool isNamed = subject is AccessSubject.User or AccessSubject.Group or AccessSubject.Client;
        string[] rest = words[(isNamed ? 3 : 2)..];
        return new AccessRule
        {
            Id = index + 1,
            Subject = subject,
            Name = isNamed ? words[2] : "",
            Action = Enum.Parse<AccessAction>(rest[0], ignoreCase: true),
            Filter = rest[1],
            Allows = words[0] == "allow",
        };
    }

    public void Use(params string[] lines) => Broker.UseAccess(Rules(lines));

    public void UseOpen(params string[] lines) => Broker.UseAccess(OpenRules(lines));

    /// <summary>Connects a user's client, or an anonymous one.</summary>
    public Task<PipeClient> ConnectAsync(string name, string? user = null, ProtocolVersion version = ProtocolVersion.V5, uint expiry = 0, bool cleanStart = false, Will? will = null) =>
        ConnectAsync(Broker, name, user, version, expiry, cleanStart, will);

    /// <summary>Connects a user's client to a broker.</summary>
    public static async Task<PipeClient> ConnectAsync(
        MqttBroker broker, string name, string? user = null, ProtocolVersion version = ProtocolVersion.V5, uint expiry = 0, bool cleanStart = false, Will? will = null)
    {
        var (client, answer) = await TryAsync(broker, name, user, version, expiry, cleanStart, will);
        answer.Reason.ShouldBe(ReasonCode.Success);
        return client;
    }

    /// <summary>Sends CONNECT and reads the answer.</summary>
    public static async Task<(PipeClient Client, ConnAck Answer)> TryAsync(
        MqttBroker broker, string name, string? user, ProtocolVersion version = ProtocolVersion.V5, uint expiry = 0, bool cleanStart = false, Will? will = null)
    {
        var client = new PipeClient(broker, version, new PipeTransport { Listener = "memory", Anonymous = AnonymousAccess.Always });
        var properties = new PropertiesBuilder();
        if (expiry > 0 && version == ProtocolVersion.V5) properties.Add(PropertyId.SessionExpiryInterval, expiry);
        client.Send(new Connect { Version = version, ClientIdentifier = name, UserName = user, CleanStart = cleanStart, Properties = properties.Build(), Will = will });
        return (client, await client.ExpectAsync<ConnAck>());
    }

    public void Dispose() => bench.Dispose();
}

/// <summary>What tests of access do with clients.</summary>
internal static class AccessClients
{
    /// <summary>Subscribes, and gives back what the broker answers.</summary>
    public static async Task<ReasonCode> SubscribeAsync(this PipeClient client, string filter, int qos = 0)
    {
        client.Subscribe(1, (filter, qos));
        return (await client.ExpectAsync<SubAck>()).Reasons.ShouldHaveSingleItem();
    }

    /// <summary>Subscribes, and gives back what the broker answers.</summary>
    public static async Task<ReasonCode> TrySubscribeAsync(this ScriptedClient client, string filter)
    {
        await client.SendAsync(new Subscribe(client.NextIdentifier(), [new SubscriptionRequest(filter, new SubscriptionOptions(0))]));
        return (await client.ExpectAsync<SubAck>()).Reasons.ShouldHaveSingleItem();
    }

    /// <summary>Publishes with QoS 1, and gives back what the broker answers.</summary>
    public static async Task<ReasonCode> PublishAsync(this PipeClient client, string topic, string payload = "x", bool retain = false)
    {
        client.Publish(topic, payload, qos: 1, identifier: 7, retain);
        return (await client.ExpectAsync<PubAck>()).Reason;
    }

    /// <summary>Expects a message on a topic as the next packet.</summary>
    public static async Task<Publish> ExpectMessageAsync(this PipeClient client, string topic)
    {
        var message = await client.ExpectAsync<Publish>();
        System.Text.Encoding.UTF8.GetString(message.Topic.Span).ShouldBe(topic);
        if (message.QoS == QualityOfService.AtLeastOnce) client.Send(new PubAck(message.PacketIdentifier));
        return message;
    }
}
