using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <summary>
/// Makes random scripts on few names, so that they meet. Shared subscriptions only where the outcome is determined: groups of one member, and a group of
/// many that is granted QoS 0. Plain filters match none of their topics.
/// </summary>
public sealed class ScriptGenerator(Random random)
{
    /// <summary>How many clients there are.</summary>
    public const int Clients = 3;

    /// <summary>The topic of the share group of many.</summary>
    public const string ManyTopic = "m/1";

    /// <summary>The filter of the share group of many.</summary>
    public const string ManyFilter = "$share/many/m/1";

    private static readonly string[] Topics = ["a", "a/b", "a/b", "a/c", "b/b", "q/1", "q/2", ManyTopic];
    private static readonly string[] Filters = ["a", "a/b", "a/b", "a/+", "a/#", "a/#", "+/b", "b/b", "a/#/b"];
    private readonly bool[] connected = new bool[Clients];
    private int payloads;

    /// <summary>The next script.</summary>
    public List<Step> Next()
    {
        var script = new List<Step>();
        for (int steps = random.Next(15, 46); steps > 0; steps--) script.Add(NextStep());
        if (Maybe(2)) Finish(script);
        return script;
    }

    // Everybody returns and acknowledges: what was lost shows.
    private void Finish(List<Step> script)
    {
        for (int client = 0; client < Clients; client++)
        {
            script.Add(Connect(client) with { Version = ProtocolVersion.V5, CleanStart = false, ReceiveMaximum = 100 });
            for (int acknowledgements = 0; acknowledgements < 6; acknowledgements++) script.Add(new AcknowledgeStep(client, 0, false, false));
        }
    }

    private bool Maybe(int outOf) => random.Next(outOf) == 0;

    private T Any<T>(params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    private QualityOfService AnyQoS => (QualityOfService)random.Next(3);

    private Step NextStep()
    {
        int client = random.Next(Clients);
        if (!connected[client])
        {
            if (Maybe(4)) return new WaitStep(Any(1, 2, 4, 7, 11, 31));
            if (!Maybe(3)) return Connect(client);
            client = Array.IndexOf(connected, true);
            if (client < 0) return Connect(random.Next(Clients));
        }
        switch (random.Next(100))
        {
            case < 20: return Subscribe(client);
            case < 23: return new UnsubscribeStep(client, Maybe(3) ? [AnyFilter(client), AnyFilter(client)] : [AnyFilter(client)]);
            case < 54: return Publish(client);
            case < 58: return new ReleaseStep(client, AnyIdentifier());
            case < 78: return new AcknowledgeStep(client, Maybe(2) ? 0 : random.Next(4), Maybe(5), Maybe(8));
            case < 80: return new StrayStep(client, Any(ControlPacketType.PubAck, ControlPacketType.PubRec, ControlPacketType.PubRel, ControlPacketType.PubComp));
            case < 85: return Connect(client);
            case < 88: return new WaitStep(Any(1, 2, 4, 7, 11, 31));
            case < 94:
                connected[client] = false;
                return new DropStep(client, Maybe(3));
            default:
                connected[client] = false;
                return new LeaveStep(client, Maybe(3), Maybe(3) ? AnyExpiry() : null);
        }
    }

    private ushort AnyIdentifier() => (ushort)random.Next(1, 6);

    private uint AnyExpiry() => Any<uint>(0, 5, 20, 20, uint.MaxValue);

    private string AnyFilter(int client) => random.Next(8) switch { 0 => $"$share/own{client}/q/+", 1 => ManyFilter, _ => Any(Filters) };

    private ConnectStep Connect(int client)
    {
        connected[client] = true;
        var will = Maybe(3)
            ? new WillWish(Any(Topics), $"w{++payloads}", AnyQoS, Maybe(3), Any<uint>(0, 0, 3, 10, 30), Maybe(3) ? Any<uint>(2, 8) : null)
            : null;
        var version = Any(ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V311, ProtocolVersion.V5, ProtocolVersion.V5, ProtocolVersion.V5, ProtocolVersion.V5);
        return new ConnectStep(client, version, Maybe(5), AnyExpiry(), Any<ushort>(1, 2, 3, 100), Any<ushort>(0, 0, 2), will);
    }

    private SubscribeStep Subscribe(int client)
    {
        var requests = new List<SubscriptionRequest>();
        do requests.Add(Request(AnyFilter(client)));
        while (Maybe(3));
        return new SubscribeStep(client, requests, Maybe(2) ? (uint)Any(1, 2, 300) : 0);
    }

    private SubscriptionRequest Request(string filter)
    {
        if (filter == ManyFilter) return new(filter, new SubscriptionOptions(QualityOfService.AtMostOnce, false, Maybe(2), (byte)random.Next(3)));
        bool shared = filter.StartsWith('$');
        return new(filter, new SubscriptionOptions(Maybe(4) ? AnyQoS : Any(QualityOfService.AtLeastOnce, QualityOfService.ExactlyOnce), !shared && Maybe(4), Maybe(2), (byte)random.Next(3)));
    }

    private PublishStep Publish(int client)
    {
        bool retain = Maybe(3);
        string payload = retain && Maybe(5) ? "" : $"m{++payloads}";
        return new PublishStep(
            client, Any(Topics), payload, AnyQoS, retain, AnyIdentifier(), Maybe(4) ? Any<uint>(1, 3, 9, 25) : null, Maybe(6) ? $"u{payloads}" : null);
    }
}
