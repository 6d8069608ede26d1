using System.Net;
using System.Text;
using System.Text.Json;
using Broker.Core.Protocol;
using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Commands;
using Broker.Web.Configuration;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Api;

/// <summary>Users and tokens by REST, and what they mean to clients.</summary>
public abstract class UserTests(BrokerHost host) : ApiTests(host)
{
    private const string Password = "a password that is long enough";

    private string User => $"{Unique}/user ü";

    private string Path => $"/users/{Uri.EscapeDataString(User)}";

    [Fact]
    public async Task A_user_is_added_found_changed_and_removed_and_each_step_is_in_the_audit()
    {
        var added = await SendAsync(HttpMethod.Put, Path, new { password = Password, groups = new[] { "b", "a" } }, HttpStatusCode.Created);
        added.GetProperty("name").GetString().ShouldBe(User);
        added.GetRawText().ShouldNotContain("hash", Case.Insensitive);
        (await GetAsync(Path)).GetProperty("groups").EnumerateArray().Select(group => group.GetString()).ShouldBe(["a", "b"]);
        var changed = await SendAsync(HttpMethod.Put, Path, new { isDisabled = true });
        (changed.GetProperty("isDisabled").GetBoolean(), changed.GetProperty("hasPassword").GetBoolean(), changed.GetProperty("groups").GetArrayLength()).ShouldBe((true, true, 2));
        await SendAsync(HttpMethod.Put, $"{Path}/password", new { password = (string?)null }, HttpStatusCode.NoContent);
        (await GetAsync(Path)).GetProperty("hasPassword").GetBoolean().ShouldBeFalse();
        await SendAsync(HttpMethod.Delete, Path, null, HttpStatusCode.NoContent);

        (await SendAsync(HttpMethod.Get, Path, null, HttpStatusCode.NotFound)).GetProperty("code").GetString().ShouldBe("not_found");
        (await GetAsync($"/audit?target={Uri.EscapeDataString(User)}")).GetProperty("items").EnumerateArray().Select(row => row.GetProperty("action").GetString())
            .ShouldBe(["user removed", "user password removed", "user changed", "user added"]);
    }

    [Fact]
    public async Task Users_are_listed_by_name_in_pages_from_a_prefix_on()
    {
        foreach (string name in new[] { "c", "a", "b" }) await SendAsync(HttpMethod.Put, $"/users/{Unique}-{name}", new { }, HttpStatusCode.Created);
        var first = await GetAsync($"/users?prefix={Unique}-&limit=2");
        Names(first).ShouldBe([$"{Unique}-a", $"{Unique}-b"]);
        var second = await GetAsync($"/users?prefix={Unique}-&limit=2&cursor={first.GetProperty("nextCursor").GetString()}");
        Names(second).ShouldBe([$"{Unique}-c"]);
        second.GetProperty("nextCursor").GetString().ShouldBeNull();
        Names(await GetAsync($"/users?prefix={Unique}%25")).ShouldBeEmpty();

        static IEnumerable<string?> Names(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(user => user.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("/users/~YQBi", "{}", "name")]
    [InlineData("/users/~", "{}", "name")]
    [InlineData("/users/%20a", "{}", "name")]
    [InlineData("/users/never-added", """{"password":"short"}""", "password")]
    [InlineData("/users/never-added", """{"groups":["a b"]}""", "groups")]
    public async Task What_cannot_be_is_refused_with_the_field(string path, string body, string field)
    {
        var refused = await SendAsync(HttpMethod.Put, path, JsonDocument.Parse(body).RootElement, HttpStatusCode.BadRequest);
        refused.GetProperty("field").GetString().ShouldBe(field);
        (await GetAsync("/users?prefix=never-added")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_client_with_a_password_is_disconnected_when_that_is_changed_by_REST()
    {
        await SendAsync(HttpMethod.Put, Path, new { password = Password }, HttpStatusCode.Created);
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, With(User, Password));
        await SendAsync(HttpMethod.Put, $"{Path}/password", new { password = "another long password" }, HttpStatusCode.NoContent);
        (await client.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await (await OpenAsync(Transport.WebSocket)).RequestAsync(With(User, Password))).Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
        (await (await OpenAsync(Transport.Tcp, ProtocolVersion.V311)).RequestAsync(Plain())).Reason.ShouldBe(ReasonCode.NotAuthorized); // there are users now
    }

    [Fact]
    public async Task A_token_is_told_once_lets_a_device_in_and_disconnects_it_when_it_is_revoked()
    {
        await SendAsync(HttpMethod.Put, Path, new { }, HttpStatusCode.Created);
        var made = await SendAsync(HttpMethod.Post, "/tokens", new { user = User, name = "kitchen" }, HttpStatusCode.Created);
        string token = made.GetProperty("token").GetString()!, id = made.GetProperty("id").GetString()!;
        (await GetAsync($"/tokens?user={Uri.EscapeDataString(User)}")).GetRawText().ShouldNotContain(token);
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, With(User, token));

        await SendAsync(HttpMethod.Delete, $"/tokens/{id}", null, HttpStatusCode.NoContent);

        (await client.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        (await GetAsync($"/tokens/{id}")).GetProperty("revokedAt").GetString().ShouldNotBeNull();
        (await SendAsync(HttpMethod.Delete, $"/tokens/{id}", null, HttpStatusCode.Conflict)).GetProperty("code").GetString().ShouldBe("conflict");
    }

    [Fact]
    public async Task SCRAM_is_served_from_the_store_and_ends_with_the_user()
    {
        string user = $"{Unique}scram";
        await SendAsync(HttpMethod.Put, $"/users/{user}", new { password = Password }, HttpStatusCode.Created);
        await RefusedAsync(user, "another password");
        await RefusedAsync("nobody", Password);
        var client = await OpenAsync(Transport.Tcp);
        await AnswerAsync(client, user, Password);
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.Success);

        await SendAsync(HttpMethod.Put, $"/users/{user}", new { isDisabled = true });
        (await client.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
        await RefusedAsync(user, Password);
    }

    [Fact]
    public async Task A_change_of_another_process_disconnects_too()
    {
        await SendAsync(HttpMethod.Put, Path, new { password = Password }, HttpStatusCode.Created);
        var client = await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, With(User, Password));
        await using var tables = new BrokerTables(Broker.Services.GetRequiredService<HostSettings>().Storage);
        using var administration = new Administration(tables, new Credentials(tables, new KeyedHashes(tables), TimeProvider.System), TimeProvider.System);

        await new UserDirectory(tables, administration, new UserPasswords(new PasswordHasher<AdministratorRow>())).RemoveAsync(User, Actor.Configuration);

        (await client.ExpectAsync<Disconnect>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task A_token_of_the_command_line_lets_a_device_in_at_once_while_the_broker_runs()
    {
        await SendAsync(HttpMethod.Put, Path, new { }, HttpStatusCode.Created);
        var storage = Broker.Services.GetRequiredService<HostSettings>().Storage;
        string database = storage.Path.Length > 0 ? $"Data Source={storage.Path}" : storage.ConnectionString;
        await using var command = RunningProgram.Start(
            "dotnet", [typeof(CommandLine).Assembly.Location, "token", "add", User, $"--Storage:Provider={storage.Provider}", $"--ConnectionStrings:Broker={database}"]);

        string token = await command.LineAsync(line => line.StartsWith(Tokens.Prefix, StringComparison.Ordinal));

        await ConnectAsync(Transport.Tcp, ProtocolVersion.V5, With(User, token));
    }

    private Connect With(string user, string password) => Plain() with { UserName = user, Password = Encoding.UTF8.GetBytes(password).AsMemory() };

    private async Task RefusedAsync(string user, string password)
    {
        var client = await OpenAsync(Transport.Tcp);
        await AnswerAsync(client, user, password);
        (await client.ExpectAsync<ConnAck>()).Reason.ShouldBe(ReasonCode.NotAuthorized);
    }

    private async Task AnswerAsync(ScriptedClient client, string user, string password)
    {
        var scram = new ScramClient(user);
        await client.SendAsync(Plain() with { Version = ProtocolVersion.V5, Properties = Data(scram.First()) });
        await client.SendAsync(new Auth(ReasonCode.ContinueAuthentication) { Properties = Data(scram.Final(await client.ExpectAsync<Auth>(), password)) });
    }

    private static Properties Data(byte[] data) => new PropertiesBuilder().Add(PropertyId.AuthenticationMethod, "SCRAM-SHA-256").Add(PropertyId.AuthenticationData, data).Build();
}

/// <summary>A host of its own on SQLite: with its first user anonymous clients are refused.</summary>
public sealed class SqliteUserHost : BrokerHost
{
    /// <summary>Not started yet.</summary>
    public SqliteUserHost() => Store = "Sqlite";
}

/// <summary>A host of its own on PostgreSQL.</summary>
public sealed class PostgreSqlUserHost : BrokerHost
{
    /// <summary>Not started yet.</summary>
    public PostgreSqlUserHost() => Store = "PostgreSql";
}

/// <summary>The same on SQLite.</summary>
public sealed class SqliteUserTests(SqliteUserHost host) : UserTests(host), IClassFixture<SqliteUserHost>;

/// <summary>The same on PostgreSQL.</summary>
public sealed class PostgreSqlUserTests(PostgreSqlUserHost host) : UserTests(host), IClassFixture<PostgreSqlUserHost>;
