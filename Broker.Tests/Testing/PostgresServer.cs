using System.Globalization;
using System.Runtime.InteropServices;
using Broker.Tests.RealClients;
using Npgsql;

namespace Broker.Tests.Testing;

/// <summary>
/// A real PostgreSQL server on a port of 127.0.0.1 that the tests start themselves, with its usual durability. Most tests need only a database of their own on
/// the shared one; who stops, kills or pauses a server starts one of their own. All of them end with the test run.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int Kill9 = 9, Continue = 18, Halt = 19, Attempts = 3;
    private const char Gone = '-';

    private static readonly Lazy<Task<PostgresServer>> TheShared = new(StartNewAsync);

    private readonly PostgresInstallation installation;
    private readonly string data;
    private int databases;

    private PostgresServer(PostgresInstallation installation, string data)
    {
        this.installation = installation;
        this.data = data;
    }

    /// <summary>Its port of 127.0.0.1, the same after another start.</summary>
    public int Port { get; private set; }

    /// <summary>The connection string of its first database, as the superuser <c>postgres</c>.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    /// <summary>What it wrote up to now.</summary>
    public string Log => File.Exists(data + ".log") ? File.ReadAllText(data + ".log") : "";

    /// <summary>The process that all its other processes come from.</summary>
    public int ProcessId => int.Parse(File.ReadLines(ProcessFile).First(), CultureInfo.InvariantCulture);

    /// <summary>All its processes.</summary>
    public int[] ProcessIds => [ProcessId, .. ChildrenOf(ProcessId)];

    /// <summary>The one server that tests of this run share; nobody may stop it.</summary>
    public static Task<PostgresServer> SharedAsync() => TheShared.Value;

    /// <summary>Starts a server for one test.</summary>
    public static async Task<PostgresServer> StartNewAsync()
    {
        var installation = await PostgresInstallation.FindAsync();
        return await StartAsync(installation, await installation.NewDataDirectoryAsync());
    }

    /// <summary>Starts a server whose data lie in a directory that outlives this run, as a former run left them; they are made if they are not there.</summary>
    public static async Task<PostgresServer> StartAtAsync(string directory)
    {
        var installation = await PostgresInstallation.FindAsync();
        await installation.ProvideDataDirectoryAsync(directory);
        var left = new PostgresServer(installation, directory);
        if (File.Exists(left.ProcessFile))
        {
            string commandLine = $"/proc/{left.ProcessId}/cmdline"; // the number may be another program's by now
            if (File.Exists(commandLine) && (await File.ReadAllTextAsync(commandLine)).Contains(directory, StringComparison.Ordinal)) await left.KillAsync();
            else File.Delete(left.ProcessFile);
        }
        return await StartAsync(installation, directory);
    }

    private static async Task<PostgresServer> StartAsync(PostgresInstallation installation, string data)
    {
        var server = new PostgresServer(installation, data);
        for (int attempt = 1; ; attempt++)
        {
            server.Port = FreePort.Next();
            try
            {
                await server.StartAsync();
                return server;
            }
            catch (IOException) when (attempt < Attempts && server.Log.Contains("could not bind", StringComparison.Ordinal))
            {
                // Somebody else has taken the port in the meantime.
            }
        }
    }

    /// <summary>Makes an empty database and answers its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"broker{Interlocked.Increment(ref databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionStringOf(name);
    }

    /// <summary>Runs SQL as the superuser and answers the first value, if any.</summary>
    /// <param name="sql">One or several statements.</param>
    /// <param name="connectionString">Where; the first database if null.</param>
    public async Task<object?> ExecuteAsync(string sql, string? connectionString = null)
    {
        // Without a pool: nothing is left that a later stop of the server would spoil.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString ?? ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Changes a setting of the whole server.</summary>
    public async Task ConfigureAsync(string setting, string value)
    {
        await ExecuteAsync($"ALTER SYSTEM SET {setting} = {value}");
        await ExecuteAsync("SELECT pg_reload_conf()");
    }

    /// <summary>Starts it, again on the same port with the same data, and waits until it takes connections.</summary>
    public async Task StartAsync()
    {
        try
        {
            await installation.RunServerProgramAsync("pg_ctl", "start", "--wait", "--pgdata", data, "--log", data + ".log", "--options", $"-p {Port}");
        }
        catch (ShouldAssertException failure)
        {
            throw new IOException($"{failure.Message}\n{Log}", failure);
        }
    }

    /// <summary>Stops it and waits until it has ended.</summary>
    /// <param name="immediately">Without a last checkpoint, so that it has to recover when it is started again.</param>
    public Task StopAsync(bool immediately = false) =>
        installation.RunServerProgramAsync("pg_ctl", "stop", "--wait", "--pgdata", data, "--mode", immediately ? "immediate" : "fast");

    /// <summary>Ends all its processes as a power cut would, and waits until they are gone.</summary>
    public async Task KillAsync()
    {
        int[] all = Halted();
        foreach (int process in all) Signal(process, Kill9);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (all.Any(process => StateOf(process) is not Gone)) await pause.WaitForNextTickAsync();
        File.Delete(ProcessFile); // the next start would take a process that nobody has asked for yet for a running server
    }

    /// <summary>From now on none of its processes does anything, as on a machine that hangs; its connections stay.</summary>
    public void Pause()
    {
        foreach (int process in Halted()) Signal(process, Halt);
    }

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    public void Resume()
    {
        int server = ProcessId;
        foreach (int process in ChildrenOf(server)) Signal(process, Continue);
        Signal(server, Continue);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(ProcessFile) && StateOf(ProcessId) is not Gone) await KillAsync();
        await installation.RunAsync("rm", "-rf", data);
    }

    private string ProcessFile => Path.Combine(data, "postmaster.pid");

    private string ConnectionStringOf(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Password={PostgresInstallation.Password};Database={database}";

    // Halts the process that all others come from, so that no further one is started, and answers all of them.
    private int[] Halted()
    {
        int server = ProcessId;
        Signal(server, Halt);
        SpinWait.SpinUntil(() => StateOf(server) is 'T' or Gone);
        return [server, .. ChildrenOf(server)];
    }

    private static int[] ChildrenOf(int process) =>
        [.. File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    private static char StateOf(int process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            var state = status[status.LastIndexOf(')') + 2];
            return state is 'Z' or 'X' ? Gone : state; // one that has ended, and that nobody has asked for yet
        }
        catch (IOException)
        {
            return Gone;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
