using Broker.Core.Protocol;

namespace Broker.Tests.Testing;

/// <summary>What tests over real sockets share: clients that are closed after the test, and topics that no other test uses.</summary>
public abstract class WireTests(BrokerHost broker) : IDisposable
{
    private static int count;
    private readonly List<ScriptedClient> clients = [];

    /// <summary>The broker.</summary>
    protected BrokerHost Broker => broker;

    /// <summary>A word that no other test uses, for topics and client identifiers.</summary>
    protected string Unique { get; } = $"t{Interlocked.Increment(ref count)}";

    /// <summary>The options of the least CONNECT: a new session that ends with the connection.</summary>
    protected Connect Plain(string name = "client") => new() { CleanStart = true, ClientIdentifier = $"{Unique}{name}" };

    /// <summary>A CONNECT of a session that outlives its connection, in the words of each version.</summary>
    protected Connect Lasting(ProtocolVersion version, string name = "client", bool cleanStart = false, uint expiry = 3600) => new()
    {
        CleanStart = cleanStart,
        ClientIdentifier = $"{Unique}{name}",
        Properties = version == ProtocolVersion.V5 ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, expiry).Build() : Properties.None,
    };

    /// <summary>Opens a connection; nothing is sent yet.</summary>
    protected async Task<ScriptedClient> OpenAsync(Transport transport, ProtocolVersion version = ProtocolVersion.V5, int? receiveBuffer = null)
    {
        var client = await ScriptedClient.OpenAsync(broker.Address, transport, version, $"{Unique}client", receiveBuffer);
        clients.Add(client);
        return client;
    }

    /// <summary>Opens a connection and connects with a new session that ends with it.</summary>
    protected Task<ScriptedClient> ConnectAsync(Transport transport, ProtocolVersion version = ProtocolVersion.V5, string name = "client") =>
        ConnectAsync(transport, version, Plain(name));

    /// <summary>Opens a connection and connects.</summary>
    protected async Task<ScriptedClient> ConnectAsync(Transport transport, ProtocolVersion version, Connect connect)
    {
        var client = await OpenAsync(transport, version);
        await client.ConnectAsync(connect);
        return client;
    }

    /// <summary>Opens a connection, connects with MQTT 5 and these properties.</summary>
    protected Task<ScriptedClient> ConnectAsync(Transport transport, Properties properties, string name = "client") =>
        ConnectAsync(transport, ProtocolVersion.V5, Plain(name) with { Properties = properties });

    /// <summary>Properties with one number.</summary>
    protected static Properties Prop(PropertyId id, uint value) => new PropertiesBuilder().Add(id, value).Build();

    /// <summary>Properties with one text.</summary>
    protected static Properties Prop(PropertyId id, string value) => new PropertiesBuilder().Add(id, value).Build();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in clients) client.Dispose();
        GC.SuppressFinalize(this);
    }
}
