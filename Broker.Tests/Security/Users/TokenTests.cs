using System.Security.Cryptography;
using System.Text;
using Broker.Core.Protocol;
using Broker.Web.Security;
using Broker.Web.Security.Users;

namespace Broker.Tests.Security.Users;

/// <summary>Tokens as passwords: what they are worth, and until when.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly UserBench bench = new();

    public async Task InitializeAsync()
    {
        await bench.AddAsync("anna", null);
        await bench.AddAsync("berta", null);
    }

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Theory]
    [InlineData("anna", ReasonCode.Success)]
    [InlineData(null, ReasonCode.Success)]
    [InlineData("", ReasonCode.Success)]
    [InlineData("berta", ReasonCode.BadUserNameOrPassword)]
    public async Task A_token_lets_in_its_user_and_nobody_else(string? name, ReasonCode reason)
    {
        var admission = await bench.AskAsync(name, await CreateAsync());
        admission.Reason.ShouldBe(reason);
        admission.UserName.ShouldBe(reason == ReasonCode.Success ? "anna" : null);
        bench.Compared.ShouldBe(0);
    }

    [Fact]
    public async Task Of_a_token_only_a_keyed_hash_is_kept_and_one_other_letter_is_refused()
    {
        string token = await CreateAsync();
        var row = (await bench.Tokens.PageAsync("anna", null, 10, default)).ShouldHaveSingleItem();
        row.Hash.ShouldBe(await bench.Hashes.OfAsync(token, default));
        row.Hash.ShouldNotBe(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        token.Length.ShouldBe(4 + 8 + 1 + 43); // 256 bits in base64url
        (await bench.ReasonAsync("anna", token[..^2] + (token[^2] == 'A' ? 'B' : 'A') + token[^1])).ShouldBe(ReasonCode.BadUserNameOrPassword);
    }

    [Fact]
    public async Task A_token_ends_when_its_time_has_come_and_tells_when()
    {
        var end = bench.Clock.GetUtcNow().AddMinutes(1);
        var (_, token) = await bench.Tokens.CreateAsync("anna", null, end.UtcDateTime, Actor.Configuration);
        (await bench.AskAsync("anna", token)).Until.ShouldBe(end);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        (await bench.ReasonAsync("anna", token)).ShouldBe(ReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task A_token_that_was_revoked_or_whose_user_is_gone_lets_nobody_in()
    {
        string revoked = await CreateAsync(), other = await CreateAsync();
        await bench.Tokens.RevokeAsync(Tokens.Kind.IdIn(revoked)!, Actor.Configuration);
        (await bench.ReasonAsync("anna", revoked)).ShouldBe(ReasonCode.NotAuthorized);
        (await bench.ReasonAsync("anna", other)).ShouldBe(ReasonCode.Success);
        (await Should.ThrowAsync<RefusedException>(bench.Tokens.RevokeAsync(Tokens.Kind.IdIn(revoked)!, Actor.Configuration))).Kind.ShouldBe(RefusalKind.Conflict);

        await bench.Users.RemoveAsync("anna", Actor.Configuration);
        (await bench.ReasonAsync("anna", other)).ShouldBe(ReasonCode.BadUserNameOrPassword);
        (await bench.Tokens.PageAsync(null, null, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_storm_of_tokens_is_looked_up_in_few_queries_and_their_use_is_noted()
    {
        const int devices = 2_000;
        var rows = Enumerable.Range(0, devices).Select(n => (Key: Tokens.Kind.Make(), User: $"device {n}")).ToArray();
        await using (var context = bench.Tables.CreateDbContext())
        {
            foreach (var (key, user) in rows)
            {
                context.Users.Add(new() { Name = user, Groups = "", SecurityStamp = "" });
                context.Tokens.Add(new() { Id = key.Id, UserName = user, Name = "", Hash = await bench.Hashes.OfAsync(key.Key, default), CreatedBy = "" });
            }
            await context.SaveChangesAsync();
        }
        long before = bench.Lookup.Queries;

        var admissions = await Task.WhenAll(rows.Select(row => bench.AskAsync(row.User, row.Key.Key)));

        admissions.Count(admission => admission.Reason == ReasonCode.Success).ShouldBe(devices);
        (bench.Lookup.Queries - before).ShouldBeLessThan(devices / 4);
        await bench.Tokens.NoteUseAsync(default);
        (await bench.Tokens.PageAsync("device 7", null, 10, default)).ShouldHaveSingleItem().LastUsedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_token_needs_a_user_and_a_future()
    {
        (await Should.ThrowAsync<RefusedException>(bench.Tokens.CreateAsync("nobody", null, null, Actor.Configuration))).About.ShouldBe("user");
        (await Should.ThrowAsync<RefusedException>(bench.Tokens.CreateAsync("anna", null, bench.Clock.GetUtcNow().UtcDateTime, Actor.Configuration))).About.ShouldBe("expiresAt");
        (await Should.ThrowAsync<RefusedException>(bench.Tokens.CreateAsync("anna", "a\u0007", null, Actor.Configuration))).About.ShouldBe("name");
    }

    private async Task<string> CreateAsync() => (await bench.Tokens.CreateAsync("anna", "kitchen", null, Actor.Configuration)).Token;
}
