using System.Text;
using Broker.Core.Protocol;

namespace Broker.Tests.Crash;

/// <summary>What the messages of a stream are for.</summary>
internal enum StreamKind
{
    /// <summary>Plain messages.</summary>
    Plain,

    /// <summary>Retained messages.</summary>
    Retained,

    /// <summary>A retained message that every second publish deletes again; nobody subscribes.</summary>
    Flipping,

    /// <summary>Wills that are published when their connection is lost.</summary>
    Will,

    /// <summary>Wills that never are, as the client always returns before their delay is over.</summary>
    NeverWill,
}

/// <summary>One publisher's messages on one topic, numbered from 1.</summary>
internal sealed record StreamRole(int Index, int Publisher, StreamKind Kind, string Topic, QualityOfService QoS)
{
    /// <summary>The topic in UTF-8.</summary>
    public byte[] TopicBytes { get; } = Encoding.UTF8.GetBytes(Topic);

    /// <summary>Whether the message of this number deletes the retained one.</summary>
    public bool IsClearing(long number) => Kind == StreamKind.Flipping && number % 2 == 0;
}

/// <summary>How a client behaves.</summary>
internal enum Conduct
{
    /// <summary>Publishes as fast as its window lets it.</summary>
    Publisher,

    /// <summary>Always there, and quick; now and then it takes itself over.</summary>
    Online,

    /// <summary>Away for most of the time.</summary>
    PartTime,

    /// <summary>A member of a share group: leaves without a word in the middle of its work, and comes back.</summary>
    Member,

    /// <summary>Subscribes and unsubscribes in turns.</summary>
    Wanderer,

    /// <summary>Begins a new session again and again.</summary>
    Renewer,

    /// <summary>Has a will, and loses its connection again and again.</summary>
    Mortal,

    /// <summary>Has a will with a delay, and stays away until it was published.</summary>
    Delayed,

    /// <summary>Has a will with a long delay, and always returns.</summary>
    Immortal,
}

/// <summary>A client of the crash tests.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Name">Its client identifier.</param>
/// <param name="Version">The protocol version it speaks.</param>
/// <param name="Conduct">How it behaves.</param>
/// <param name="QoS">The QoS it subscribes with.</param>
/// <param name="Hears">The kinds of streams it subscribes to.</param>
internal sealed record ClientRole(int Index, string Name, ProtocolVersion Version, Conduct Conduct, QualityOfService QoS, params StreamKind[] Hears)
{
    /// <summary>Whether it subscribes.</summary>
    public bool IsReceiver => Hears.Length > 0;

    /// <summary>Whether it shares its messages with others.</summary>
    public bool IsShared => Conduct == Conduct.Member;

    /// <summary>Its topic filters.</summary>
    public IEnumerable<string> Filters => Hears.Select(kind => (IsShared ? $"$share/group/" : "") + $"crash/{Cast.Letter(kind)}/#");
}

/// <summary>Who takes part: publishers of every QoS and version, and subscribers of every habit.</summary>
internal sealed class Cast
{
    private const int Publishers = 4, PlainTopics = 4, RetainedTopics = 2;

    private Cast(IReadOnlyList<ClientRole> clients, IReadOnlyList<StreamRole> streams) => (Clients, Streams) = (clients, streams);

    /// <summary>All clients; each stands at its index.</summary>
    public IReadOnlyList<ClientRole> Clients { get; }

    /// <summary>All streams; each stands at its index.</summary>
    public IReadOnlyList<StreamRole> Streams { get; }

    /// <summary>The letter that stands for a kind in topics.</summary>
    public static char Letter(StreamKind kind) => "prfwn"[(int)kind];

    /// <summary>Puts the cast together.</summary>
    /// <param name="qos">1 or 2: every message has that QoS. 0: both.</param>
    public static Cast Create(int qos)
    {
        var clients = new List<ClientRole>();
        var streams = new List<StreamRole>();
        for (int i = 0; i < Publishers; i++)
        {
            AddClient($"publisher{i}", i % 2 == 0 ? ProtocolVersion.V311 : ProtocolVersion.V5, Conduct.Publisher, 0);
            // The first sends QoS 1 only, the second QoS 2 only, the others both.
            QualityOfService Of(int topic) => (QualityOfService)(qos > 0 ? qos : i < 2 ? i + 1 : topic % 2 + 1);
            for (int t = 0; t < PlainTopics; t++) AddStream(StreamKind.Plain, Of(t), t);
            for (int t = 0; t < RetainedTopics; t++) AddStream(StreamKind.Retained, Of(t), t);
            AddStream(StreamKind.Flipping, Of(i), 0);
        }
        AddClient("online-2", ProtocolVersion.V5, Conduct.Online, 2, StreamKind.Plain, StreamKind.Retained);
        AddClient("online-1", ProtocolVersion.V311, Conduct.Online, 1, StreamKind.Plain, StreamKind.Retained);
        AddClient("part-time-2", ProtocolVersion.V5, Conduct.PartTime, 2, StreamKind.Plain);
        AddClient("part-time-1", ProtocolVersion.V311, Conduct.PartTime, 1, StreamKind.Plain);
        AddClient("wanderer", ProtocolVersion.V5, Conduct.Wanderer, 2, StreamKind.Retained);
        AddClient("renewer", ProtocolVersion.V5, Conduct.Renewer, 1, StreamKind.Plain);
        AddClient("member-1", ProtocolVersion.V5, Conduct.Member, 2, StreamKind.Plain);
        AddClient("member-2", ProtocolVersion.V5, Conduct.Member, 2, StreamKind.Plain);
        AddClient("member-3", ProtocolVersion.V5, Conduct.Member, 1, StreamKind.Plain);
        AddClient("heir", ProtocolVersion.V5, Conduct.Online, 2, StreamKind.Will, StreamKind.NeverWill);
        AddMortal("mortal-3", ProtocolVersion.V311, Conduct.Mortal, StreamKind.Will);
        AddMortal("mortal-5", ProtocolVersion.V5, Conduct.Mortal, StreamKind.Will);
        AddMortal("delayed", ProtocolVersion.V5, Conduct.Delayed, StreamKind.Will);
        AddMortal("immortal", ProtocolVersion.V5, Conduct.Immortal, StreamKind.NeverWill);
        return new Cast(clients, streams);

        void AddClient(string name, ProtocolVersion version, Conduct conduct, int at, params StreamKind[] hears) =>
            clients.Add(new ClientRole(clients.Count, name, version, conduct, (QualityOfService)at, hears));

        void AddStream(StreamKind kind, QualityOfService of, int topic) =>
            streams.Add(new StreamRole(streams.Count, clients.Count - 1, kind, $"crash/{Letter(kind)}/{clients.Count - 1}/{of:D}/{topic}", of));

        void AddMortal(string name, ProtocolVersion version, Conduct conduct, StreamKind kind)
        {
            AddClient(name, version, conduct, 0);
            AddStream(kind, QualityOfService.ExactlyOnce, 0);
        }
    }
}
