using System.Diagnostics;
using Broker.Core.Protocol;
using Broker.Tests.Crash.Accounts;

namespace Broker.Tests.Crash.Clients;

/// <summary>Publishes with a full window, on several topics in turn. After a reconnect it resends what is not done, in order, as the protocol asks.</summary>
internal sealed class Publisher(Stage stage, ClientRole role, int seed) : CrashClient(stage, role, seed)
{
    private const int Window = 32;

    private readonly StreamRole[] streams = [.. stage.Cast.Streams.Where(stream => stream.Publisher == role.Index)];
    private readonly byte[] payload = new byte[Payload.Longest];
    private readonly List<(ushort Identifier, StreamRole Stream, long Number)> next = [];
    private readonly List<PubRel> releases = [];
    private int turn;
    private double credit;
    private long creditAt = Stopwatch.GetTimestamp();

    protected override void Serve(Link link, bool isPresent)
    {
        releases.Clear();
        long takeOverAt = Environment.TickCount64 + Random.Next(200, 2_000);
        foreach (var message in Mine.InFlight)
        {
            if (message.IsReceived) link.Write(new PubRel(message.Identifier));
            else Write(link, message.Identifier, Stage.Cast.Streams[message.Stream], message.Number, isAgain: true);
        }
        link.Flush();
        while (!Stage.IsOver)
        {
            if (Stage.IsPublishing) Fill(link);
            if (!link.Receive(Tick)) continue;
            while (link.TryTake(out var type, out _, out var body)) Take(type, body);
            Settle();
            foreach (var release in releases) link.Write(release);
            releases.Clear();
            link.Flush();
            // With what is in flight, so that duplicates meet the first copies while these are being committed.
            if (Environment.TickCount64 >= takeOverAt && Stage.IsPublishing) throw new TakeOverException();
        }
        link.Leave();
    }

    private void Fill(Link link)
    {
        int room = Math.Min(Window - Mine.InFlight.Count, Allowance());
        ushort identifier = Mine.LastIdentifier;
        for (; room > 0; room--)
        {
            do identifier = (ushort)(identifier % ushort.MaxValue + 1);
            while (Mine.InFlight.Any(message => message.Identifier == identifier));
            var stream = streams[turn++ % streams.Length];
            long number = Stage.Ledger.Account.Streams[stream.Index].Sent + 1 + next.Count(message => message.Stream == stream);
            Note(Told.Sent, (Details)(int)stream.QoS, identifier, stream.Index, number);
            next.Add((identifier, stream, number));
        }
        Settle();
        foreach (var (id, stream, number) in next) Write(link, id, stream, number, isAgain: false);
        next.Clear();
        link.Flush();
    }

    private int Allowance()
    {
        if (Stage.RatePerPublisher == 0) return Window;
        long now = Stopwatch.GetTimestamp();
        credit = Math.Min(Window, credit + Stopwatch.GetElapsedTime(creditAt, now).TotalSeconds * Stage.RatePerPublisher);
        creditAt = now;
        int whole = (int)credit;
        credit -= whole;
        return whole;
    }

    private void Write(Link link, ushort identifier, StreamRole stream, long number, bool isAgain)
    {
        int length = stream.IsClearing(number) ? 0 : Payload.Write(payload, Stage.Ledger.Run, stream.Index, number);
        link.Write(new Publish
        {
            Topic = stream.TopicBytes,
            Payload = payload.AsMemory(0, length),
            PacketIdentifier = identifier,
            QoS = stream.QoS,
            Retain = stream.Kind is StreamKind.Retained or StreamKind.Flipping,
            Duplicate = isAgain,
            Properties = Role.Version == ProtocolVersion.V5 ? Correlation.Of(stream.Index, number) : Properties.None,
        });
    }

    private void Take(ControlPacketType type, ReadOnlyMemory<byte> body)
    {
        switch (type)
        {
            case ControlPacketType.PubAck:
                var ack = PubAck.Read(body, Role.Version, Sender.Server);
                Acknowledge(ack.PacketIdentifier, ack.Reason, Details.QoS1);
                break;
            case ControlPacketType.PubRec:
                var received = PubRec.Read(body, Role.Version, Sender.Server);
                Acknowledge(received.PacketIdentifier, received.Reason, Details.QoS2);
                if (!received.Reason.IsError()) releases.Add(new PubRel(received.PacketIdentifier));
                break;
            case ControlPacketType.PubComp:
                Note(Told.Completed, 0, PubComp.Read(body, Role.Version, Sender.Server).PacketIdentifier);
                break;
            default:
                TakeOther(type, body);
                break;
        }
    }

    private void Acknowledge(ushort identifier, ReasonCode reason, Details details)
    {
        foreach (var message in Mine.InFlight)
        {
            if (message.Identifier != identifier) continue;
            if (reason.IsError()) Note(Told.Refused, details, identifier, message.Stream, message.Number);
            else if (!message.IsReceived) Note(Told.Acknowledged, details, identifier, message.Stream, message.Number);
            return;
        }
    }
}
