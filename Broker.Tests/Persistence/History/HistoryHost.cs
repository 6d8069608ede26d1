using Broker.Tests.Testing;
using Broker.Web.Persistence.History;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Persistence.History;

/// <summary>The real host with a history.</summary>
public abstract class HistoryHost(HistoryDatabase database) : BrokerHost
{
    /// <summary>Where it writes.</summary>
    public HistoryDatabase Database => database;

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        await database.InitializeAsync();
        await base.InitializeAsync();
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void AddServices(IServiceCollection services) => services.AddHistory(new HistoryOptions(), _ => database.NewStore());
}

/// <summary>With a history in a file.</summary>
public sealed class SqliteHistoryHost() : HistoryHost(new SqliteHistoryDatabase());

/// <summary>With a history on PostgreSQL.</summary>
public sealed class PostgreSqlHistoryHost() : HistoryHost(new PostgreSqlHistoryDatabase());
