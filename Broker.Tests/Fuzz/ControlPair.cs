using System.Globalization;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Fuzz;

/// <summary>
/// Two well-behaved clients that exchange numbered QoS 1 messages, whatever others do meanwhile: each number must arrive, once and in order. That none of it takes
/// longer than a client waits for a packet is what "undisturbed" means here.
/// </summary>
public sealed class ControlPair : IDisposable
{
    private readonly ScriptedClient publisher, subscriber;
    private readonly string topic;
    private int exchanged;

    private ControlPair(ScriptedClient publisher, ScriptedClient subscriber, string topic) =>
        (this.publisher, this.subscriber, this.topic) = (publisher, subscriber, topic);

    /// <summary>How many messages went from one to the other.</summary>
    public int Exchanged => Volatile.Read(ref exchanged);

    /// <summary>Connects both, one by TCP and one by WebSocket.</summary>
    public static async Task<ControlPair> ConnectAsync(BrokerHost broker, string name)
    {
        var publisher = await ScriptedClient.OpenAsync(broker.Address, Transport.Tcp, ProtocolVersion.V5, name + "-publisher");
        var subscriber = await ScriptedClient.OpenAsync(broker.Address, Transport.WebSocket, ProtocolVersion.V311, name + "-subscriber");
        await publisher.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = publisher.ClientIdentifier });
        await subscriber.ConnectAsync(new Connect { CleanStart = true, ClientIdentifier = subscriber.ClientIdentifier });
        await subscriber.SubscribeAsync($"{name}/only", QualityOfService.AtLeastOnce);
        return new ControlPair(publisher, subscriber, $"{name}/only");
    }

    /// <summary>Exchanges messages.</summary>
    public async Task ExchangeAsync(int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            string number = (exchanged + 1).ToString(CultureInfo.InvariantCulture);
            await publisher.PublishAsync(topic, number, QualityOfService.AtLeastOnce);
            await subscriber.ReceiveAsync(number);
            Volatile.Write(ref exchanged, exchanged + 1);
        }
    }

    /// <summary>Exchanges messages until something has ended.</summary>
    public async Task ExchangeUntilAsync(Task end)
    {
        while (!end.IsCompleted) await ExchangeAsync(10);
        await end;
        await ExchangeAsync(10);
        await subscriber.FenceAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        publisher.Dispose();
        subscriber.Dispose();
    }
}
