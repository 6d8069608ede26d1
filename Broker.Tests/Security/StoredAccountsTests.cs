using System.Net;
using System.Net.Http.Headers;
using Broker.Tests.Testing;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Security;

/// <summary>What is kept of accounts, API keys and the audit, in a database.</summary>
public abstract class StoredAccountsTests(StorageProvider provider) : IAsyncLifetime
{
    private RestartedStore store = null!;

    public async Task InitializeAsync() => store = await RestartedStore.CreateAsync(provider);

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task Accounts_sessions_and_keys_outlive_a_restart()
    {
        var first = await store.StartAsync(("Admin:Password", SignedIn.Password));
        using var session = await WebSession.SignInAsync(first.Origin(), "admin", SignedIn.Password);
        var key = await first.CreateKeyAsync(Scopes.Read);
        await first.StopAsync();

        var second = await store.StartAsync();
        second.Services.GetRequiredService<SetupLink>().IsOpen.ShouldBeFalse();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", string.Join("; ", session.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
        using var client = second.Anonymous();
        (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_first_password_of_the_configuration_counts_only_while_there_is_no_account()
    {
        await (await store.StartAsync(("Admin:Password", SignedIn.Password))).StopAsync();

        var second = await store.StartAsync(("Admin:Password", "another long password"));
        (await WebSession.SignInAsync(second.Origin(), "admin", SignedIn.Password)).Dispose();
        second.Services.GetRequiredService<Accounts>().All.Count().ShouldBe(1);
    }

    [Fact]
    public async Task The_last_admin_can_neither_be_removed_nor_get_another_role_and_the_attempt_leaves_nothing_behind()
    {
        var host = await store.StartAsync(("Admin:Password", SignedIn.Password));
        var accounts = host.Services.GetRequiredService<Accounts>();
        var recorded = (await AuditAsync(host)).Count;

        (await Should.ThrowAsync<RefusedException>(accounts.RemoveAsync("admin", Actor.Configuration))).Message.ShouldBe("admin is the last admin");
        (await Should.ThrowAsync<RefusedException>(accounts.SetRoleAsync("admin", Role.Viewer, Actor.Configuration))).Kind.ShouldBe(RefusalKind.Conflict);
        (await AuditAsync(host)).Count.ShouldBe(recorded);

        await accounts.AddAsync("anna", SignedIn.Password, Role.Admin, Actor.Configuration);
        await accounts.RemoveAsync("admin", Actor.Configuration);
        accounts.All.ShouldHaveSingleItem().Name.ShouldBe("anna");
    }

    [Fact]
    public async Task A_change_whose_record_cannot_be_written_is_not_made()
    {
        var host = await store.StartAsync(("Admin:Password", SignedIn.Password));
        await using (var context = Tables(host).CreateDbContext()) await context.Database.ExecuteSqlRawAsync("DROP TABLE audit");

        await Should.ThrowAsync<DbUpdateException>(host.Services.GetRequiredService<Accounts>().AddAsync("anna", SignedIn.Password, Role.Viewer, Actor.Configuration));
        await using var after = Tables(host).CreateDbContext();
        (await after.Administrators.Select(row => row.Name).ToListAsync()).ShouldBe(["admin"]);
    }

    [Fact]
    public async Task The_use_of_a_key_is_noted()
    {
        var host = await store.StartAsync();
        using var client = await host.WithScopesAsync(Scopes.Read);
        (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var keys = host.Services.GetRequiredService<ApiKeys>();

        await keys.NoteUseAsync(default);

        await host.Services.GetRequiredService<Credentials>().ReadAsync(default);
        keys.All.ShouldHaveSingleItem().LastUsedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_audit_keeps_the_newest_and_what_is_not_too_old()
    {
        var host = await store.StartAsync();
        var clock = new ManualTime();
        var audit = new AuditTrail(Tables(host), clock, new AdminOptions { AuditRows = 5, AuditAge = TimeSpan.FromDays(2) });
        await using (var context = Tables(host).CreateDbContext())
        {
            context.Audit.AddRange(Enumerable.Range(1, 8).Select(n => new AuditRow { At = clock.GetUtcNow().UtcDateTime.AddDays(n - 6), Actor = "anna", Action = "tested", Target = $"{n}" }));
            await context.SaveChangesAsync();
        }

        await audit.TrimAsync(default);
        (await TargetsAsync()).ShouldBe(["8", "7", "6", "5", "4"]);
        clock.Advance(TimeSpan.FromDays(2));
        await audit.TrimAsync(default);
        (await TargetsAsync()).ShouldBe(["8", "7", "6"]);

        async Task<IEnumerable<string>> TargetsAsync() => (await audit.ReadAsync(new AuditFilter(), null, 100, default)).Select(row => row.Target);
    }

    [Fact]
    public async Task The_audit_is_found_by_parts_of_its_texts()
    {
        var host = await store.StartAsync();
        await using (var context = Tables(host).CreateDbContext())
        {
            context.Audit.AddRange(
                new AuditRow { At = DateTime.UnixEpoch, Actor = "anna", Action = "session deleted", Target = "kitchen/100%_\\" },
                new AuditRow { At = DateTime.UnixEpoch, Actor = "Berta", Action = "retained message deleted", Target = "a/b" });
            await context.SaveChangesAsync();
        }
        (await FindAsync(new AuditFilter(Actor: "bert"))).ShouldBe(["Berta"]);
        (await FindAsync(new AuditFilter(Action: "Deleted"))).ShouldBe(["Berta", "anna"]);
        (await FindAsync(new AuditFilter(Action: "deleted", Target: "100%_\\"))).ShouldBe(["anna"]);
        (await FindAsync(new AuditFilter(Target: "%"))).ShouldBe(["anna"]);

        async Task<IEnumerable<string>> FindAsync(AuditFilter filter) =>
            (await host.Services.GetRequiredService<AuditTrail>().ReadAsync(filter, null, 10, default)).Select(row => row.Actor);
    }

    private static IDbContextFactory<BrokerDbContext> Tables(BrokerHost host) => host.Services.GetRequiredService<IDbContextFactory<BrokerDbContext>>();

    private static Task<IReadOnlyList<AuditRow>> AuditAsync(BrokerHost host) => host.Services.GetRequiredService<AuditTrail>().ReadAsync(new AuditFilter(), null, 100, default);
}

/// <summary>The same in a SQLite file.</summary>
public sealed class SqliteAccountsTests() : StoredAccountsTests(StorageProvider.Sqlite);

/// <summary>The same in a PostgreSQL database.</summary>
public sealed class PostgreSqlAccountsTests() : StoredAccountsTests(StorageProvider.PostgreSql);
