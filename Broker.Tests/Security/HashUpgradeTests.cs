using System.Net;
using System.Security.Cryptography;
using System.Text;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Commands;
using Broker.Web.Persistence;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Broker.Web.Security.Users;
using Microsoft.EntityFrameworkCore;

namespace Broker.Tests.Security;

/// <summary>Tokens and API keys of which an older version of the broker has kept plain hashes.</summary>
public abstract class HashUpgradeTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly (string Id, string Key) Token = Tokens.Kind.Make(), ApiKey = new GeneratedKey(ApiKeys.Prefix).Make();

    private RestartedStore store = null!;

    public async Task InitializeAsync()
    {
        store = await RestartedStore.CreateAsync(provider);
        await MakeOldAsync(store);
    }

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task They_still_count_after_the_first_start_and_no_plain_hash_is_left()
    {
        var host = await store.StartAsync();

        using var client = await ScriptedClient.OpenAsync(host.Address, Transport.Tcp, ProtocolVersion.V5, "kitchen");
        await client.ConnectAsync(new Connect { ClientIdentifier = "kitchen", CleanStart = true, UserName = "anna", Password = Encoding.UTF8.GetBytes(Token.Key) });
        using var http = host.Anonymous();
        http.DefaultRequestHeaders.Authorization = new("Bearer", ApiKey.Key);
        (await http.GetAsync("/api/v1/broker")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var (key, hashes) = await ReadAsync(store);
        Convert.FromBase64String(key.ShouldNotBeNull()).Length.ShouldBe(32);
        hashes.ShouldBe($"{Keyed(key, Token.Key)} {Keyed(key, ApiKey.Key)}");
    }

    [Fact]
    public async Task An_upgrade_that_fails_halfway_leaves_everything_as_it_was_and_the_next_one_does_it_all()
    {
        await ExecuteAsync(store, "ALTER TABLE tokens RENAME TO elsewhere");
        (await UpgradeAsync(store)).ShouldBe(1);
        await ExecuteAsync(store, "ALTER TABLE elsewhere RENAME TO tokens");
        var (key, hashes) = await ReadAsync(store);
        (key, hashes).ShouldBe((null, $"{Plain(Token.Key)} {Plain(ApiKey.Key)}"));

        (await UpgradeAsync(store)).ShouldBe(0);

        (key, hashes) = await ReadAsync(store);
        hashes.ShouldBe($"{Keyed(key!, Token.Key)} {Keyed(key!, ApiKey.Key)}");
    }

    [Fact]
    public async Task What_was_upgraded_stays_as_it_is()
    {
        (await UpgradeAsync(store)).ShouldBe(0);
        var upgraded = await ReadAsync(store);

        (await UpgradeAsync(store)).ShouldBe(0);
        await (await store.StartAsync()).StopAsync();

        (await ReadAsync(store)).ShouldBe(upgraded);
    }

    [Fact]
    public async Task Of_the_same_token_two_stores_keep_different_hashes()
    {
        await using var other = await RestartedStore.CreateAsync(provider);
        await MakeOldAsync(other);
        foreach (var one in new[] { store, other }) (await UpgradeAsync(one)).ShouldBe(0);

        var (mine, theirs) = (await ReadAsync(store), await ReadAsync(other));
        theirs.Key.ShouldNotBe(mine.Key);
        theirs.Hashes.Split(' ').ShouldAllBe(hash => !mine.Hashes.Contains(hash, StringComparison.Ordinal));
    }

    private static string Plain(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Keyed(string key, string text) => Convert.ToHexString(HMACSHA256.HashData(Convert.FromBase64String(key), SHA256.HashData(Encoding.UTF8.GetBytes(text))));

    // Any command on the store brings it up to date, as a start of the broker does.
    private static Task<int> UpgradeAsync(RestartedStore store) => TokenCommand.RunAsync(["list", "--user=nobody", .. store.Arguments]);

    private static async Task MakeOldAsync(RestartedStore store)
    {
        (await UpgradeAsync(store)).ShouldBe(0);
        await using var tables = store.OpenTables();
        await using var context = tables.CreateDbContext();
        context.Users.Add(new() { Name = "anna", Groups = "", SecurityStamp = "" });
        context.Tokens.Add(new() { Id = Token.Id, UserName = "anna", Name = "", Hash = Convert.FromHexString(Plain(Token.Key)), CreatedBy = "" });
        context.ApiKeys.Add(new() { Id = ApiKey.Id, Name = "old", Scopes = Scopes.Read, Hash = Convert.FromHexString(Plain(ApiKey.Key)), CreatedBy = "" });
        await context.SaveChangesAsync();
        await context.Database.ExecuteSqlRawAsync("""DELETE FROM settings; DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%KeyedHashes'""");
    }

    private static async Task ExecuteAsync(RestartedStore store, string sql)
    {
        await using var tables = store.OpenTables();
        await using var context = tables.CreateDbContext();
        await context.Database.ExecuteSqlRawAsync(sql);
    }

    private static async Task<(string? Key, string Hashes)> ReadAsync(RestartedStore store)
    {
        await using var tables = store.OpenTables();
        await using var context = tables.CreateDbContext();
        var hashes = new[] { (await context.Tokens.SingleAsync()).Hash, (await context.ApiKeys.SingleAsync()).Hash };
        return ((await context.Settings.SingleOrDefaultAsync(row => row.Name == KeyedHashes.Setting))?.Value, string.Join(' ', hashes.Select(Convert.ToHexString)));
    }
}

/// <summary>The same in a SQLite file.</summary>
public sealed class SqliteHashUpgradeTests() : HashUpgradeTests(StorageProvider.Sqlite);

/// <summary>The same in a PostgreSQL database.</summary>
public sealed class PostgreSqlHashUpgradeTests() : HashUpgradeTests(StorageProvider.PostgreSql);
