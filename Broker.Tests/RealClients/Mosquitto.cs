namespace Broker.Tests.RealClients;

/// <summary>Debian's <c>mosquitto_pub</c>, <c>mosquitto_sub</c> and <c>mosquitto_rr</c>, speaking one protocol version to one broker.</summary>
public sealed class Mosquitto
{
    private readonly string[] common;

    /// <summary>Clients of a broker on a port of 127.0.0.1.</summary>
    public Mosquitto(int port, string version) => common = ["-h", "127.0.0.1", "-p", $"{port}", "-V", version];

    /// <summary>Clients of the broker under test.</summary>
    public Mosquitto(BrokerProcess broker, string version, bool encrypted = false)
        : this(broker.Port, version)
    {
        if (encrypted)
            common = ["-h", "localhost", "-p", $"{broker.TlsPort}", "-V", version, "--cafile", broker.CertificatePath];
    }

    /// <summary>All protocol versions, as the programs name them.</summary>
    public static readonly string[] Versions = ["mqttv31", "mqttv311", "mqttv5"];

    /// <summary>All qualities of service.</summary>
    public static readonly int[] EveryQoS = [0, 1, 2];

    /// <summary>A topic, or a client identifier, that no other test uses; short enough for MQTT 3.1.</summary>
    public static string NewName() => "t" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Publishes and waits for the end, which must be a success: at QoS 1 and 2 the broker has acknowledged.</summary>
    public async Task PublishAsync(params string[] arguments)
    {
        await using var publisher = Run("mosquitto_pub", arguments);
        await publisher.SucceedsAsync();
    }

    /// <summary>Starts a subscriber and waits until the broker has granted its subscriptions.</summary>
    /// <param name="format">How a message is written: <c>%t</c> topic, <c>%p</c> payload, <c>%q</c> QoS, <c>%r</c> retained, and the others of mosquitto_sub.</param>
    /// <param name="arguments">What else mosquitto_sub is given.</param>
    public async Task<MosquittoSubscriber> SubscribeAsync(string format, params string[] arguments)
    {
        var subscriber = new MosquittoSubscriber(Run("mosquitto_sub", [.. arguments, "-d", "-F", MosquittoSubscriber.Mark + format]));
        await subscriber.SubscribedAsync();
        return subscriber;
    }

    /// <summary>Opens a session with subscriptions and leaves it behind.</summary>
    public async Task LeaveSessionAsync(params string[] arguments)
    {
        await using var subscriber = Run("mosquitto_sub", [.. arguments, "-E"]);
        await subscriber.SucceedsAsync();
    }

    /// <summary>Starts one of the programs; <c>stdbuf</c> makes it write each line as soon as it has one.</summary>
    public RunningProgram Run(string program, params string[] arguments) =>
        RunningProgram.Start("stdbuf", ["-oL", program, .. common, .. arguments]);

    /// <summary>Starts one of the programs with a file as its standard input.</summary>
    public RunningProgram RunWithInput(string file, string program, params string[] arguments) =>
        RunningProgram.Start("sh", ["-c", "input=$1; shift; exec stdbuf -oL \"$@\" <\"$input\"", "sh", file, program, .. common, .. arguments]);
}

/// <summary>A <c>mosquitto_sub</c> that runs.</summary>
public sealed class MosquittoSubscriber(RunningProgram program) : IAsyncDisposable
{
    /// <summary>Tells a message from what else the program writes.</summary>
    public const string Mark = "message: ";

    private readonly Queue<string> early = new();

    /// <summary>The process.</summary>
    public RunningProgram Program => program;

    /// <summary>Waits until the broker has granted the subscriptions. A resumed session may bring messages before.</summary>
    public async Task SubscribedAsync()
    {
        while (await program.LineAsync(line => IsMessage(line) || line.StartsWith("Subscribed", StringComparison.Ordinal)) is var line && IsMessage(line))
            early.Enqueue(line);
    }

    /// <summary>Waits for the next message, written as the format says.</summary>
    public async Task<string> MessageAsync() =>
        (early.TryDequeue(out var line) ? line : await program.LineAsync(IsMessage))[Mark.Length..];

    /// <summary>Waits for the next messages.</summary>
    public async Task<string[]> MessagesAsync(int count)
    {
        var messages = new string[count];
        for (var i = 0; i < count; i++)
            messages[i] = await MessageAsync();
        return messages;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => program.DisposeAsync();

    private static bool IsMessage(string line) => line.StartsWith(Mark, StringComparison.Ordinal);
}
