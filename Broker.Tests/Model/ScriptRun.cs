using System.Text;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Tests.Testing;

namespace Broker.Tests.Model;

/// <summary>The model and the real broker do not agree.</summary>
public sealed class DisagreementException(int step, string message) : Exception(message)
{
    /// <summary>The step, counted from 0, after which it showed.</summary>
    public int Step => step;
}

/// <summary>Runs one script on the real broker and on the model, step by step, and compares what each client gets.</summary>
internal sealed partial class ScriptRun : IDisposable
{
    private const int ReceiveMaximum = 3;
    private const string Probe = "probe";

    /// <summary>The time that every step takes in milliseconds: enough that no two deadlines are the same.</summary>
    private const int StepTime = 7;

    private readonly ManualTime time = new();
    private readonly ErrorLog log = new();
    private readonly MqttBroker broker;
    private readonly ReferenceBroker model;
    private readonly MemoryClient?[] clients = new MemoryClient?[ScriptGenerator.Clients];
    private readonly List<Packet>[] received = [.. Enumerable.Range(0, ScriptGenerator.Clients).Select(_ => new List<Packet>())];
    private readonly List<Packet>[] expected = [.. Enumerable.Range(0, ScriptGenerator.Clients).Select(_ => new List<Packet>())];
    private readonly List<Packet> takenOver = [];
    private MemoryClient probe = null!;
    private ushort lastIdentifier;
    private int index;

    private ScriptRun()
    {
        var options = new BrokerOptions { Limits = new Limits { ReceiveMaximum = ReceiveMaximum }, Sys = new SysOptions { Interval = TimeSpan.Zero } };
        broker = new MqttBroker(options, new InMemoryStore(), new AnonymousAuthenticator(), new AccessControl(), time, log);
        model = new ReferenceBroker(ReceiveMaximum) { Choose = Chosen, InOrder = InOrder };
    }

    /// <summary>Runs a script.</summary>
    /// <exception cref="DisagreementException">The model expects something else than what came.</exception>
    public static async Task RunAsync(IReadOnlyList<Step> script)
    {
        using var run = new ScriptRun();
        await run.broker.StartAsync(CancellationToken.None);
        run.probe = new MemoryClient(run.broker, ProtocolVersion.V5);
        await run.probe.SendAsync(new Connect { ClientIdentifier = Probe, CleanStart = true });
        await run.probe.FenceAsync();
        foreach (var step in script)
        {
            try
            {
                await run.StepAsync(step);
            }
            catch (Exception other) when (other is not DisagreementException)
            {
                throw new DisagreementException(run.index, $"after step {run.index + 1}, {step}: {other}");
            }
            run.index++;
        }
        run.CompareCounts();
    }

    /// <inheritdoc/>
    public void Dispose() => broker.Dispose();

    private async Task StepAsync(Step step)
    {
        int seconds = step is WaitStep wait ? wait.Seconds : 0;
        time.Advance(TimeSpan.FromMilliseconds(StepTime) + TimeSpan.FromSeconds(seconds));
        Gather();
        model.Wait(StepTime + seconds * 1000);
        if (step.Client >= 0)
        {
            if (clients[step.Client] is { } client) await ActAsync(step, client, model.Find(Step.NameOf(step.Client))!);
            else if (step is ConnectStep connect) await ConnectAsync(connect);
        }
        Compare(step);
    }

    private void Gather()
    {
        for (int i = 0; i < clients.Length; i++)
            if (clients[i] is { } client) received[i].AddRange(client.Take());
    }

    // Which member of the share group the broker chose.
    private ReferenceSession Chosen(IReadOnlyList<ReferenceSession> members, Message message) =>
        members.FirstOrDefault(member => received[member.Client[^1] - '0'].Exists(packet => packet.Text.StartsWith($"PUBLISH {message.Topic} '{message.Payload}' ", StringComparison.Ordinal)))
        ?? members[0];

    private void Compare(Step step)
    {
        var text = new StringBuilder();
        if (step is ConnectStep && received[step.Client] is not [{ Order: "CONNACK" }, ..]) text.Append("\n  CONNACK did not come first");
        Compare(text, "the connection taken over", model.TakenOver, takenOver);
        for (int i = 0; i < clients.Length; i++)
        {
            if (model.Find(Step.NameOf(i))?.Connection is { } connection)
            {
                expected[i].AddRange(connection.Expected);
                connection.Expected.Clear();
            }
            Compare(text, Step.NameOf(i), expected[i], received[i]);
            if (clients[i] is { IsClosed: true }) clients[i] = null;
        }
        foreach (string error in log.Errors) text.Append("\n  the broker logged: ").Append(error);
        if (text.Length > 0) throw new DisagreementException(index, $"after step {index + 1}, {step}:{text}");
    }

    private static void Compare(StringBuilder text, string client, List<Packet> expected, List<Packet> received)
    {
        if (!Agree(expected, received)) text.Append($"\n  {client} expected {Listed(expected)}\n  {new string(' ', client.Length)} received {Listed(received)}");
        expected.Clear();
        received.Clear();
    }

    private static bool Agree(List<Packet> expected, List<Packet> received)
    {
        if (expected.Count != received.Count) return false;
        foreach (var wanted in expected.GroupBy(packet => packet.Order))
        {
            var came = received.FindAll(packet => packet.Order == wanted.Key);
            if (came.Count != wanted.Count() || !wanted.Zip(came).All(pair => pair.First.IsMetBy(pair.Second))) return false;
        }
        return true;
    }

    private static string Listed(List<Packet> packets) => packets.Count == 0 ? "nothing" : string.Join("; ", packets);

    private void CompareCounts()
    {
        var statistics = broker.ReadStatistics();
        var (sessions, subscriptions) = model.Counts;
        if (statistics.Sessions != sessions + 1 || statistics.Subscriptions != subscriptions)
            throw new DisagreementException(index - 1, $"at the end: {sessions} sessions with {subscriptions} subscriptions were expected, not {statistics.Sessions - 1} with {statistics.Subscriptions}");
    }
}
