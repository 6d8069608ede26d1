using Npgsql;

namespace Broker.Tests.Testing;

/// <summary>The server that other tests rely on keeps its word itself.</summary>
public sealed class PostgresServerTests
{
    [Fact]
    public async Task Each_database_is_empty_and_a_tests_own()
    {
        var server = await PostgresServer.SharedAsync();
        var (first, second) = (await server.CreateDatabaseAsync(), await server.CreateDatabaseAsync());

        await server.ExecuteAsync("CREATE TABLE a (b int)", first);

        (await server.ExecuteAsync("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", first)).ShouldBe(1L);
        (await server.ExecuteAsync("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", second)).ShouldBe(0L);
    }

    [Fact]
    public async Task The_server_writes_through_to_the_disk()
    {
        var server = await PostgresServer.SharedAsync();

        foreach (var setting in new[] { "fsync", "synchronous_commit", "full_page_writes" })
            (await server.ExecuteAsync($"SHOW {setting}")).ShouldBe("on", setting);
    }

    [Fact]
    public async Task What_was_committed_outlives_a_kill()
    {
        await using var server = await PostgresServer.StartNewAsync();
        var database = await server.CreateDatabaseAsync();
        await server.ExecuteAsync("CREATE TABLE a AS SELECT 7 AS b", database);

        await server.KillAsync();
        await Should.ThrowAsync<NpgsqlException>(() => server.ExecuteAsync("SELECT 1"));
        await server.StartAsync();

        (await server.ExecuteAsync("SELECT b FROM a", database)).ShouldBe(7);
    }

    [Fact]
    public async Task A_stopped_server_comes_back_on_its_port()
    {
        await using var server = await PostgresServer.StartNewAsync();

        await server.StopAsync();
        await Should.ThrowAsync<NpgsqlException>(() => server.ExecuteAsync("SELECT 1"));
        await server.StartAsync();

        (await server.ExecuteAsync("SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_paused_server_answers_once_it_goes_on()
    {
        await using var server = await PostgresServer.StartNewAsync();

        server.Pause();
        var answer = server.ExecuteAsync("SELECT 1");
        answer.IsCompleted.ShouldBeFalse();
        server.Resume();

        (await answer).ShouldBe(1);
    }
}
