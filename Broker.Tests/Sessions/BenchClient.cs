using System.Text;
using Broker.Core.Access;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Tests.Sessions;

/// <summary>A client of a <see cref="SessionBench"/>: an outbox over a scripted pipe, and the session that it is attached to.</summary>
internal sealed class BenchClient : IConnection
{
    private readonly SessionBench bench;
    private readonly string name;
    private readonly TaskCompletionSource detached = new();
    private bool present;

    public BenchClient(SessionBench bench, string name, ProtocolVersion version, ushort aliases)
    {
        this.bench = bench;
        this.name = name;
        Outbox = new Outbox(Pipe, version, bench.Limits, bench.Time, new Traffic(), this)
        {
            TopicAliasMaximum = aliases,
        };
    }

    public ScriptedWriter Pipe { get; } = new();

    public Outbox Outbox { get; }

    public Session Session { get; private set; } = null!;

    public bool SessionPresent => present;

    Task IConnection.Detached => detached.Task;

    ConnectedClient? IConnection.Client => null;

    void IConnection.Disconnect(ReasonCode reason, string why) => Ends.Add((reason, why));

    /// <summary>Why the connection was asked to end.</summary>
    public List<(ReasonCode Reason, string Why)> Ends { get; } = [];

    /// <summary>The payloads of what came since the last look.</summary>
    public List<string> Payloads() => [.. Pipe.Publishes(Outbox.Version).Select(publish => Encoding.UTF8.GetString(publish.Payload.Span))];

    /// <summary>The same, once there is something.</summary>
    public async Task<List<string>> NextPayloadsAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (Payloads() is { Count: > 0 } payloads) return payloads;
            await Task.Delay(TimeSpan.FromMilliseconds(2), deadline.Token);
        }
    }

    public async Task AttachAsync(bool cleanStart, uint expiry, int receiveMaximum, PendingWill? will, CancellationToken cancellation = default) =>
        (Session, present) = await bench.Registry.AttachAsync(new AttachRequest(ClientIdentity.Stored(name, null), cleanStart, expiry, receiveMaximum, will), Outbox, cancellation);

    public void Open() => Do(delivery => Session.Open(Outbox, new ConnAck(present, ReasonCode.Success), delivery));

    public BenchClient Subscribe(string filter, int qos = 0, uint identifier = 0, bool noLocal = false)
    {
        var parsed = TopicFilter.Parse(filter);
        var options = new SubscriptionOptions((QualityOfService)qos, NoLocal: noLocal);
        Do(delivery =>
        {
            Session.Subscribe(parsed, options, identifier, delivery, out _);
            if (delivery.TakeUnit() is { } unit) bench.Journal.Append(unit);
            if (parsed.ShareName is null) Session.DeliverRetained(() => bench.Retained.Match(parsed), options, identifier, delivery);
        });
        return this;
    }

    public void Acknowledge(ushort identifier) => Do(delivery => Session.Acknowledge(identifier, delivery));

    public ReasonCode? Received(ushort identifier, ReasonCode reason = ReasonCode.Success)
    {
        ReasonCode? answer = null;
        Do(delivery =>
        {
            answer = Session.Release(identifier, reason, delivery);
            if (delivery.TakeUnit() is { } unit) bench.Journal.Append(unit);
        });
        return answer;
    }

    public void Complete(ushort identifier) => Do(delivery => Session.Complete(identifier, delivery));

    /// <summary>The connection ends.</summary>
    public void Leave(bool willIsDue = false)
    {
        bench.Registry.Detach(Session, Outbox, willIsDue);
        _ = Outbox.CloseAsync();
        detached.SetResult();
    }

    public void Do(Action<Delivery> work)
    {
        var delivery = Delivery.Rent(bench.Time);
        work(delivery);
        delivery.Return();
    }
}
