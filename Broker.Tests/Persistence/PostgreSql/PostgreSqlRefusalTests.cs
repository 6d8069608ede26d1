using Broker.Core;
using Broker.Core.Storage;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Persistence.PostgreSql;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Broker.Tests.Persistence.PostgreSql;

/// <summary>What no waiting mends is refused with one clear message, and nothing is touched.</summary>
public sealed class PostgreSqlRefusalTests
{
    [Fact]
    public async Task A_wrong_password_is_refused() =>
        (await RefusalAsync(settings => settings.Password = "wrong")).ShouldContain("""does not let the user "postgres" in""");

    [Fact]
    public async Task A_missing_password_is_refused() =>
        (await RefusalAsync(settings => settings.Password = null)).ShouldContain("asks for a password");

    [Fact]
    public async Task An_unknown_user_is_refused() =>
        (await RefusalAsync(settings => settings.Username = "nobody")).ShouldContain("""does not let the user "nobody" in""");

    [Fact]
    public async Task An_unknown_database_is_refused() =>
        (await RefusalAsync(settings => settings.Database = "nowhere")).ShouldContain("(CREATE DATABASE \"nowhere\")");

    [Fact]
    public async Task A_user_who_may_not_make_tables_is_refused_and_nothing_is_made()
    {
        var database = await PostgreSqlDatabase.CreateAsync();
        var name = "guest" + Guid.NewGuid().ToString("N");
        await database.ExecuteAsync($"CREATE ROLE {name} LOGIN PASSWORD 'guest'");

        (await RefusalAsync(database, settings => (settings.Username, settings.Password) = (name, "guest"))).ShouldContain("permission denied");
        (await database.ExecuteAsync("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused_and_stays_as_it_is()
    {
        var database = await PostgreSqlDatabase.CreateAsync();
        (await database.OpenAsync()).Dispose();
        await database.ExecuteAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('99990101000000_Later', '99.0')""");

        (await RefusalAsync(database)).ShouldContain("newer version");
        (await database.ExecuteAsync("SELECT epoch FROM store_owner")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_schema_that_is_broken_is_refused()
    {
        var database = await PostgreSqlDatabase.CreateAsync();
        (await database.OpenAsync()).Dispose();
        await database.ExecuteAsync("ALTER TABLE subscriptions RENAME COLUMN filter TO something");

        (await RefusalAsync(database)).ShouldContain("cannot be used");
    }

    [Fact]
    public async Task The_host_says_it_in_one_line_and_ends()
    {
        var server = await PostgresServer.SharedAsync();
        await using var host = BrokerProcess.Launch(
            "--Mqtt:Listeners:0:Url=mqtt://127.0.0.1:0", "--urls=http://127.0.0.1:0", "--Storage:Provider=PostgreSql",
            $"--ConnectionStrings:Broker=Host=127.0.0.1;Port={server.Port};Username=postgres;Password=wrong;Database=broker");
        (await host.ExitCodeAsync()).ShouldBe(1, host.Transcript);
        host.Transcript.Split('\n')[1..].ShouldHaveSingleItem().ShouldStartWith(
            $"error: PostgreSQL database \"broker\" on 127.0.0.1:{server.Port} does not let the user \"postgres\" in: password authentication failed");
    }

    [Fact]
    public async Task A_server_that_does_not_wait_for_its_disk_is_warned_of_loudly()
    {
        var database = await PostgreSqlDatabase.CreateAsync();
        var log = new ErrorLog();
        using (var sound = database.Create(log: new Logger<PostgreSqlStore>(log))) await sound.OpenAsync(_ => { }, CancellationToken.None);
        log.Errors.ShouldBeEmpty();
        await database.ExecuteAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(database.ConnectionString).Database} SET synchronous_commit = off");

        using var store = database.Create(log: new Logger<PostgreSqlStore>(log));
        await store.OpenAsync(_ => { }, CancellationToken.None);
        log.Errors.ShouldHaveSingleItem().ShouldContain("synchronous_commit=off");
    }

    [Fact]
    public async Task A_server_without_fsync_and_whole_pages_is_warned_of_loudly()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await server.ConfigureAsync("fsync", "off");
        await server.ConfigureAsync("full_page_writes", "off");
        var log = new ErrorLog();
        using var store = (await PostgreSqlDatabase.CreateAsync(server)).Create(log: new Logger<PostgreSqlStore>(log));
        await store.OpenAsync(_ => { }, CancellationToken.None);

        log.Errors.Count(error => error.Contains("fsync=off") || error.Contains("full_page_writes=off")).ShouldBe(2);
    }

    private static async Task<string> RefusalAsync(Action<NpgsqlConnectionStringBuilder> change) => await RefusalAsync(await PostgreSqlDatabase.CreateAsync(), change);

    private static async Task<string> RefusalAsync(PostgreSqlDatabase database, Action<NpgsqlConnectionStringBuilder>? change = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        change?.Invoke(settings);
        using var store = (database with { ConnectionString = settings.ConnectionString }).Create(new StorageOptions());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var refusal = await Should.ThrowAsync<StoreRefusedException>(() => store.OpenAsync(_ => { }, patience.Token));
        refusal.Message.ShouldContain("PostgreSQL database");
        refusal.Message.ShouldContain("ConnectionStrings:Broker");
        return refusal.Message;
    }
}
