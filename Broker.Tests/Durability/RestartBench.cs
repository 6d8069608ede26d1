using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Tests.Connections;
using Broker.Tests.Testing;
using Broker.Web.Persistence.Sqlite;

namespace Broker.Tests.Durability;

/// <summary>A broker without listeners over a real SQLite file, which a test can crash and start again: what was not committed then is gone.</summary>
internal sealed class RestartBench : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-restart-");
    private readonly List<BrokerBench> crashed = [];
    private readonly IAuthenticator? authenticator;

    public RestartBench(IAuthenticator? authenticator = null)
    {
        this.authenticator = authenticator;
        Now = Start();
    }

    /// <summary>The rules of access that a broker starts with; those of the one that runs are set by <see cref="MqttBroker.UseAccess"/>.</summary>
    public AccessPolicy Policy { get; set; } = AccessPolicy.Open;

    /// <summary>The clock of all runs.</summary>
    public ManualTime Time { get; } = new();

    public Limits Limits { get; } = new();

    public StorageOptions Storage { get; } = new();

    /// <summary>The broker that runs.</summary>
    public BrokerBench Now { get; private set; }

    /// <summary>Ends the broker as a power cut would, as far as the store can tell, and starts another one on its file.</summary>
    public void Restart()
    {
        Now.Store.Close(); // nothing more of it is committed
        Now.Store.Dispose(); // which lets go of the file, and ends what is under way
        crashed.Add(Now);
        Now = Start();
    }

    /// <summary>Connects a client that keeps its session.</summary>
    public Task<PipeClient> ConnectAsync(string name, uint expiry = 1_000, bool cleanStart = false, ProtocolVersion version = ProtocolVersion.V5) =>
        Now.ConnectAsync(name, expiry, cleanStart, version);

    public void Dispose()
    {
        Now.Dispose();
        Now.Store.Dispose();
        foreach (var bench in crashed) bench.Dispose();
        folder.Delete(recursive: true);
    }

    private BrokerBench Start() =>
        new(limits: Limits, time: Time, storage: Storage, store: new SqliteStore(Path.Combine(folder.FullName, "broker.db"), Storage, Time),
            authenticator: authenticator, readAccess: _ => Task.FromResult(Policy));
}
