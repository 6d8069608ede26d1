namespace Broker.Tests.Crash.Accounts;

/// <summary>
/// The books: what was sent, acknowledged and delivered, record by record as the ledger has them, and what is wrong with it. Belongs to the
/// <see cref="Ledger"/>, under whose lock everything here is done.
/// </summary>
internal sealed class Account
{
    private readonly Cast cast;
    private readonly Attention?[,] attentions;
    private readonly int[] audienceOf;

    public Account(Cast cast)
    {
        this.cast = cast;
        Streams = [.. cast.Streams.Select(role => new StreamAccount(role))];
        Clients = [.. cast.Clients.Select(role => new ClientAccount(role))];
        int group = cast.Clients.First(role => role.IsShared).Index;
        audienceOf = [.. cast.Clients.Select(role => role.IsShared ? group : role.Index)];
        attentions = new Attention?[cast.Clients.Count, cast.Streams.Count];
        foreach (var client in cast.Clients.Where(role => audienceOf[role.Index] == role.Index))
        {
            foreach (var stream in Streams)
                if (client.Hears.Contains(stream.Role.Kind)) attentions[client.Index, stream.Role.Index] = new Attention(stream);
        }
    }

    public IReadOnlyList<StreamAccount> Streams { get; }

    public IReadOnlyList<ClientAccount> Clients { get; }

    public Verdict Verdict { get; } = new();

    public long Cycle { get; private set; }

    public long Sent { get; private set; }

    public long Acknowledged { get; private set; }

    public long Delivered { get; private set; }

    /// <summary>Takes one record into the books.</summary>
    public void Apply(in LedgerRecord record)
    {
        if (record.Kind == Told.Cycle) Cycle = record.Number;
        if (record.Kind == Told.DeliveredBefore) Delivered = record.Number;
        if (record.Kind is Told.Cycle or Told.Time or Told.DeliveredBefore) return;
        if (record.Kind == Told.Settled)
        {
            Settle(Streams[record.Stream], record.Number);
            Sent += record.Number;
            Acknowledged += record.Number;
            return;
        }
        var client = Clients[record.Client];
        switch (record.Kind)
        {
            case Told.Sent: Send(client, record); break;
            case Told.Acknowledged: Acknowledge(client, record); break;
            case Told.Completed or Told.Refused: client.Complete(record.Identifier); break;
            case Told.Delivered: Deliver(client, record); break;
            case Told.Released: client.Release(record.Identifier); break;
            case Told.Altered: Verdict.Add(Fault.Altered, $"a message to {client.Role.Name} is not one that was sent (cycle {Cycle})"); break;
            case Told.Connected: Connect(client, record); break;
            default: Subscribe(client, record.Kind); break;
        }
    }

    /// <summary>What a receiver got of a stream, if it is for that receiver.</summary>
    public Attention? AttentionOf(ClientRole client, int stream) => attentions[audienceOf[client.Index], stream];

    /// <summary>How much is not done: owed messages that did not come, and exchanges that are under way.</summary>
    public long Outstanding() => Clients.Sum(client => client.InFlight.Count + client.Held.Count) + attentions.OfType<Attention>().Sum(attention => attention.Missing().LongCount());

    /// <summary>Everything should be done: what is missing now is lost.</summary>
    public IEnumerable<(ClientRole Receiver, StreamRole Stream, long Number)> Missing() =>
        from client in cast.Clients
        where audienceOf[client.Index] == client.Index
        from stream in cast.Streams
        let attention = attentions[client.Index, stream.Index]
        where attention is not null
        from number in attention.Missing()
        select (client, stream, number);

    /// <summary>The records that make these books out of empty ones, once everything is done.</summary>
    public IReadOnlyList<LedgerRecord> Summary()
    {
        var records = new List<LedgerRecord> { new(Told.Cycle, 0, 0, 0, 0, Cycle), new(Told.DeliveredBefore, 0, 0, 0, 0, Delivered) };
        // The last will of a client may still be to come.
        foreach (var stream in Streams) records.Add(new(Told.Settled, 0, 0, 0, (ushort)stream.Role.Index, Math.Max(0, IsWill(stream) ? stream.Sent - 1 : stream.Sent)));
        foreach (var client in Clients)
        {
            ushort index = (ushort)client.Role.Index;
            if (client.HasSession) records.Add(new(Told.Connected, Details.SessionPresent, index, 0, 0, 0));
            if (client.Subscription is SubscriptionState.Subscribing or SubscriptionState.Subscribed) records.Add(new(Told.Subscribing, 0, index, 0, 0, 0));
            if (client.Subscription == SubscriptionState.Subscribed) records.Add(new(Told.Subscribed, 0, index, 0, 0, 0));
            if (client.Subscription is SubscriptionState.Unsubscribing or SubscriptionState.Unsubscribed) records.Add(new(Told.Unsubscribing, 0, index, 0, 0, 0));
            if (client.Subscription == SubscriptionState.Unsubscribed) records.Add(new(Told.Unsubscribed, 0, index, 0, 0, 0));
        }
        foreach (var stream in Streams.Where(stream => IsWill(stream) && stream.Sent > 0))
        {
            ushort index = (ushort)stream.Role.Index, publisher = (ushort)stream.Role.Publisher;
            records.Add(new(Told.Sent, 0, publisher, 0, index, stream.Sent));
            if (stream.IsAcknowledged(stream.Sent)) records.Add(new(Told.Acknowledged, 0, publisher, 0, index, stream.Sent));
            foreach (var client in cast.Clients)
            {
                if (AttentionOf(client, index) is not { } attention || attention.FirstQoS(stream.Sent) != 2) continue;
                records.Add(new(Told.Delivered, Details.QoS2, (ushort)client.Index, 1, index, stream.Sent));
                records.Add(new(Told.Released, 0, (ushort)client.Index, 1, 0, 0));
            }
        }
        return records;
    }

    private static bool IsWill(StreamAccount stream) => stream.Role.Kind is StreamKind.Will or StreamKind.NeverWill;

    private void Settle(StreamAccount stream, long number)
    {
        for (int client = 0; client < cast.Clients.Count; client++) attentions[client, stream.Role.Index]?.Settle(number);
        stream.Settle(number);
    }

    private void Send(ClientAccount client, in LedgerRecord record)
    {
        Sent++;
        Streams[record.Stream].Send(record.Number);
        if (record.Identifier > 0) client.Send(new InFlight(record.Identifier, record.Stream, record.Number, false));
    }

    private void Acknowledge(ClientAccount client, in LedgerRecord record)
    {
        Acknowledged++;
        Streams[record.Stream].Acknowledge(record.Number);
        if ((record.Details & Details.QoS2) != 0) client.Receive(record.Identifier);
        else client.Acknowledge(record.Identifier);
    }

    private void Deliver(ClientAccount client, in LedgerRecord record)
    {
        Delivered++;
        int qos = (record.Details & Details.QoS2) != 0 ? 2 : 1;
        var stream = Streams[record.Stream];
        string what = $"{stream.Role.Topic} {record.Number} to {client.Role.Name}, {record.Details}, identifier {record.Identifier}, in cycle {Cycle}";
        if (qos == 2)
        {
            if (client.Held.TryGetValue(record.Identifier, out var message))
            {
                if (message != (record.Stream, record.Number))
                    Verdict.Add(Fault.Altered, $"{what}: the identifier stands for {Streams[message.Stream].Role.Topic} {message.Number}, which was not released", stream.Role, record.Number);
                return;
            }
            client.Hold(record.Identifier, record.Stream, record.Number);
        }
        if (AttentionOf(client.Role, record.Stream) is not { } attention)
        {
            Verdict.Add(Fault.Altered, $"{what}: it is not subscribed to that", stream.Role, record.Number);
            return;
        }
        if ((record.Details & Details.Retain) != 0) return; // what was retained before it subscribed
        if (stream.Role.Kind == StreamKind.NeverWill) Verdict.Add(Fault.Will, $"{what}: its client came back in time", stream.Role, record.Number);
        else if (attention.Deliver(record.Number, qos, client.Role.IsShared) is { } wrong)
            Verdict.Add(stream.Role.Kind == StreamKind.Will ? Fault.Will : wrong.Fault, $"{what}: {wrong.Why}", stream.Role, record.Number);
    }

    private void Connect(ClientAccount client, in LedgerRecord record)
    {
        bool isPresent = (record.Details & Details.SessionPresent) != 0;
        if (!isPresent)
        {
            if (client.HasSession) Verdict.Add(Fault.Forgotten, $"that of {client.Role.Name} in cycle {Cycle}");
            client.ForgetHeld();
            client.Subscription = SubscriptionState.None;
        }
        client.HasSession = client.Role.Conduct != Conduct.Mortal;
    }

    private void Subscribe(ClientAccount client, Told kind)
    {
        foreach (var stream in cast.Streams)
        {
            if (AttentionOf(client.Role, stream.Index) is not { } attention) continue;
            if (kind == Told.Subscribing) attention.Open();
            else if (kind == Told.Subscribed) attention.Owe();
            else if (kind == Told.Unsubscribing) attention.Close();
            else if (kind == Told.Unsubscribed) attention.Silence();
            else attention.Discard();
        }
        client.Subscription = kind switch
        {
            Told.Subscribing => SubscriptionState.Subscribing,
            Told.Subscribed => SubscriptionState.Subscribed,
            Told.Unsubscribing => SubscriptionState.Unsubscribing,
            Told.Unsubscribed => SubscriptionState.Unsubscribed,
            _ => SubscriptionState.None,
        };
        if (kind != Told.Discarding) return;
        client.HasSession = false;
        client.ForgetHeld();
    }
}
