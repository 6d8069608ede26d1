using Broker.Core.Protocol;
using Broker.Tests.Crash.Accounts;

namespace Broker.Tests.Crash.Clients;

/// <summary>
/// A client with a will, which has a number like any message: the number is written down before CONNECT, and again when a connection that had its CONNACK is
/// lost, as the will is due then. Whether a will counts whose CONNACK never came is not known, and either is right.
/// </summary>
internal sealed class Mortal(Stage stage, ClientRole role, int seed) : CrashClient(stage, role, seed)
{
    private readonly StreamRole stream = stage.Cast.Streams.Single(stream => stream.Publisher == role.Index);
    private long armed;
    private bool saidGoodbye;

    protected override bool BeginsAnew => Role.Conduct == Conduct.Mortal;

    // Whose will comes late stays away until it came.
    protected override bool WantsToBeThere => Role.Conduct != Conduct.Delayed || Stage.Ledger.Look(HasItsWillCome);

    protected override Connect Introduction(bool isNew)
    {
        armed = Stage.Ledger.Account.Streams[stream.Index].Sent + 1;
        saidGoodbye = false;
        Note(Told.Sent, Details.QoS2, 0, stream.Index, armed);
        var payload = new byte[Payload.Longest];
        int length = Payload.Write(payload, Stage.Ledger.Run, stream.Index, armed);
        var properties = new PropertiesBuilder().Add(PropertyId.CorrelationData, Correlation.Of(stream.Index, armed).Data(PropertyId.CorrelationData)!.Value.Span);
        uint delay = Role.Conduct switch { Conduct.Delayed => 1, Conduct.Immortal => SessionExpiry, _ => 0 };
        if (delay > 0) properties.Add(PropertyId.WillDelayInterval, delay);
        bool isModern = Role.Version == ProtocolVersion.V5;
        return base.Introduction(isNew) with
        {
            Will = new Will
            {
                Topic = stream.Topic,
                Payload = payload.AsMemory(0, length),
                QoS = QualityOfService.ExactlyOnce,
                Properties = isModern ? properties.Build() : Properties.None,
            },
            Properties = isModern && Role.Conduct != Conduct.Mortal ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, SessionExpiry).Build() : Properties.None,
        };
    }

    protected override void Serve(Link link, bool isPresent)
    {
        long end = Environment.TickCount64 + Random.Next(50, 500);
        while (!Stage.IsOver)
        {
            link.Receive(Tick);
            while (link.TryTake(out var type, out _, out _))
                if (type != ControlPacketType.PingResp) throw new LinkEndedException($"{type} came to a client with a will");
            if (Stage.IsDraining || Environment.TickCount64 < end) continue;
            switch (Random.Next(4))
            {
                // The will of the connection that has to give way is due, too. Whose will comes late would wait for it with that connection open.
                case 0 when Role.Conduct != Conduct.Delayed: throw new TakeOverException();
                case 1: SayGoodbye(link); return;
                default: return; // lost without a word: the will is due
            }
        }
        SayGoodbye(link);
    }

    protected override void Ended()
    {
        if (saidGoodbye || Role.Conduct == Conduct.Immortal) return;
        Note(Told.Acknowledged, Details.QoS2, 0, stream.Index, armed);
        Settle();
    }

    private bool HasItsWillCome(Account account)
    {
        var wills = account.Streams[stream.Index];
        return wills.Sent == wills.Settled || !wills.IsAcknowledged(wills.Sent)
            || account.Clients.Any(client => account.AttentionOf(client.Role, stream.Index)?.FirstQoS(wills.Sent) > 0);
    }

    private void SayGoodbye(Link link)
    {
        saidGoodbye = true;
        try
        {
            link.Leave();
        }
        catch (LinkEndedException) when (!Stage.IsDark)
        {
            // That is what it waited for.
        }
    }
}
