using Broker.Core.Protocol;
using Broker.Tests.Crash.Accounts;

namespace Broker.Tests.Crash.Clients;

/// <summary>
/// A client with a thread of its own: connects whenever the broker is there, takes its session up where it was, serves the connection until that ends, and
/// begins again. What it has to remember stands in the ledger.
/// </summary>
internal abstract class CrashClient(Stage stage, ClientRole role, int seed)
{
    protected const uint SessionExpiry = 3600;

    protected static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<LedgerRecord> batch = [];
    private Thread? thread;

    public ClientRole Role => role;

    /// <summary>Whether its connection is up.</summary>
    public volatile bool IsConnected;

    /// <summary>What ended its last connection.</summary>
    public volatile string LastEnd = "";

    /// <summary>What last ended a connection that neither the client nor a kill ended.</summary>
    public volatile string LastSurprise = "";

    protected Stage Stage => stage;

    protected Random Random { get; } = new(seed * 31 + role.Index);

    /// <summary>What the ledger says of this client.</summary>
    protected ClientAccount Mine => stage.Ledger.Account.Clients[role.Index];

    /// <summary>Whether it wants to be connected now.</summary>
    protected virtual bool WantsToBeThere => true;

    public void Start()
    {
        thread = new Thread(Run) { IsBackground = true, Name = role.Name };
        thread.Start();
    }

    public void Join() => thread?.Join();

    /// <summary>Serves a connection until it ends; it ends it by <see cref="LinkEndedException"/>, or by coming back.</summary>
    protected abstract void Serve(Link link, bool isPresent);

    /// <summary>Puts CONNECT together. Whether the session is to begin anew is told first.</summary>
    protected virtual Connect Introduction(bool isNew) => new()
    {
        Version = role.Version,
        ClientIdentifier = role.Name,
        CleanStart = isNew,
        KeepAlive = 60,
        Properties = role.Version == ProtocolVersion.V5
            ? new PropertiesBuilder().Add(PropertyId.SessionExpiryInterval, SessionExpiry).Add(PropertyId.ReceiveMaximum, NextReceiveMaximum()).Build() : Properties.None,
    };

    // A broker has to know after a crash what it may have sent, which is as much as the client allowed it.
    private uint NextReceiveMaximum() => stage.IsDraining || Random.Next(2) == 0 ? 1_000 : Random.GetItems<uint>([2, 10, 100, 65_535], 1)[0];

    /// <summary>Whether the next connection is to begin a new session.</summary>
    protected virtual bool BeginsAnew => false;

    /// <summary>A connection has ended that CONNACK was received on.</summary>
    protected virtual void Ended()
    {
    }

    /// <summary>Adds a record to the batch.</summary>
    protected void Note(Told kind, Details details = 0, ushort identifier = 0, int stream = 0, long number = 0) =>
        batch.Add(new LedgerRecord(kind, details, (ushort)role.Index, identifier, (ushort)stream, number));

    /// <summary>Writes the batch down; what it tells may be done from now on.</summary>
    protected void Settle()
    {
        stage.Ledger.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch));
        batch.Clear();
    }

    /// <summary>Opens a connection and waits for CONNACK.</summary>
    protected Link Enter(out bool isPresent)
    {
        var link = Link.Open(stage.Port, role.Version);
        try
        {
            bool isNew = BeginsAnew;
            if (isNew && role.Conduct != Conduct.Mortal) Note(Told.Discarding);
            link.Write(Introduction(isNew));
            Settle();
            link.Flush();
            long began = Environment.TickCount64;
            ControlPacketType type;
            ReadOnlyMemory<byte> body;
            while (!link.TryTake(out type, out _, out body))
            {
                link.Receive(Tick);
                if (Environment.TickCount64 - began > Patience.TotalMilliseconds) throw new LinkEndedException("no CONNACK came");
            }
            if (type != ControlPacketType.ConnAck) throw new LinkEndedException($"{type} came instead of CONNACK");
            var answer = ConnAck.Read(body, role.Version);
            if (answer.Reason.IsError()) throw new LinkEndedException($"CONNACK {answer.Reason}");
            isPresent = answer.SessionPresent;
            Note(Told.Connected, isPresent ? Details.SessionPresent : 0);
            Settle();
            return link;
        }
        catch
        {
            batch.Clear();
            link.Dispose();
            throw;
        }
    }

    private void Run()
    {
        Link? former = null;
        while (stage.WaitForBroker(role.Conduct == Conduct.Publisher))
        {
            if (!WantsToBeThere)
            {
                Thread.Sleep(5);
                continue;
            }
            bool entered = false;
            Link? link = null;
            try
            {
                link = Enter(out bool isPresent);
                entered = IsConnected = true;
                former?.Dispose();
                former = null;
                Serve(link, isPresent);
            }
            catch (TakeOverException)
            {
                (former, link) = (link, null);
            }
            catch (Exception e) when (e is LinkEndedException or ProtocolViolation)
            {
                LastEnd = e.Message;
                if (entered && !stage.IsDark)
                {
                    Interlocked.Increment(ref stage.Surprises);
                    LastSurprise = e.Message;
                }
                if (!entered) Thread.Sleep(5);
            }
            finally
            {
                IsConnected = false;
                batch.Clear();
                link?.Dispose();
                if (entered) Ended();
            }
        }
        former?.Dispose();
    }

    /// <summary>A packet came that means nothing to this kind of client: PINGRESP may, and any other is the end.</summary>
    protected void TakeOther(ControlPacketType type, ReadOnlyMemory<byte> body)
    {
        if (type == ControlPacketType.PingResp) return;
        throw new LinkEndedException(type == ControlPacketType.Disconnect
            ? $"DISCONNECT {Disconnect.Read(body, Role.Version, Sender.Server).Reason}"
            : $"{type} came to {Role.Name}");
    }

    /// <summary>Leaves the connection open, and takes the session over by another one.</summary>
    protected sealed class TakeOverException : Exception;
}
