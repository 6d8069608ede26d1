using System.Diagnostics;
using Broker.Tests.RealClients;

namespace Broker.Tests.Testing;

/// <summary>
/// The PostgreSQL of this machine, and one temporary folder for all servers of this test run. The server's programs refuse to run as root; then they run as
/// the user <c>postgres</c>. A watchdog that waits for the end of this process, however it comes, ends all servers and removes the folder.
/// </summary>
internal sealed class PostgresInstallation
{
    /// <summary>The password of the user <c>postgres</c> on every server.</summary>
    public const string Password = "only for tests";

    private const string Settings = """
        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        max_connections = 200
        shared_buffers = 64MB
        max_wal_size = 512MB
        jit = off
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        log_line_prefix = '%m [%p] '
        """;

    // Its standard input is a pipe from this process, which ends with it. In the background, so that it is not ended as a child of this process either.
    private const string WatchdogScript = """
        trap '' INT TERM HUP
        exec 3<&0
        setsid sh -c 'cat >"$1/watched"
            for file in "$1"/*/postmaster.pid; do
                [ -e "$file" ] || continue
                read -r server <"$file"
                kill -KILL "$server" $(cat "/proc/$server/task/$server/children")
            done
            sleep 0.2
            rm -rf "$1"' sh "$1" <&3 3<&- >/dev/null 2>&1 &
        """;

    private static readonly Lazy<Task<PostgresInstallation>> Prepared = new(PrepareAsync);

    private readonly string programs;
    private readonly string folder;
    private int servers;

    private PostgresInstallation(string programs, string folder, Process watchdog)
    {
        this.programs = programs;
        this.folder = folder;
        Watchdog = watchdog;
    }

    /// <summary>Kept as long as this process lives: with it the pipe would end.</summary>
    public Process Watchdog { get; }

    /// <summary>The installation, with a data directory that each server gets a copy of.</summary>
    public static Task<PostgresInstallation> FindAsync() => Prepared.Value;

    /// <summary>A data directory for a new server.</summary>
    public async Task<string> NewDataDirectoryAsync()
    {
        var data = Path.Combine(folder, $"{Interlocked.Increment(ref servers)}");
        await RunAsync("cp", "-a", "--reflink=auto", Path.Combine(folder, "template"), data);
        return data;
    }

    /// <summary>Makes a data directory at a place of the caller's, in a folder of its own, if there is none.</summary>
    public async Task ProvideDataDirectoryAsync(string directory)
    {
        if (Directory.Exists(directory)) return;
        string parent = Directory.CreateDirectory(Path.GetDirectoryName(directory)!).FullName;
        await GiveToOwnerAsync(parent);
        await RunAsync("cp", "-a", Path.Combine(folder, "template"), directory);
    }

    /// <summary>Runs one of the server's programs, which must succeed.</summary>
    public Task RunServerProgramAsync(string program, params string[] arguments) => RunAsync(Path.Combine(programs, program), arguments);

    /// <summary>Runs a program as the owner of the data directories.</summary>
    public async Task RunAsync(string program, params string[] arguments)
    {
        string[] asOwner = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : [];
        string[] line = [.. asOwner, program, .. arguments];
        await using var running = RunningProgram.Start(line[0], line[1..], folder);
        await running.SucceedsAsync();
    }

    private static async Task<PostgresInstallation> PrepareAsync()
    {
        var folder = Directory.CreateTempSubdirectory("broker-postgres-").FullName;
        var watchdog = Process.Start(new ProcessStartInfo("sh", ["-c", WatchdogScript, "sh", folder]) { RedirectStandardInput = true })!;
        var passwordFile = Path.Combine(folder, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        await GiveToOwnerAsync(folder);
        var installation = new PostgresInstallation(FindPrograms(), folder, watchdog);
        var template = Path.Combine(folder, "template");
        await installation.RunServerProgramAsync(
            "initdb", "--pgdata", template, "--username=postgres", $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync");
        await File.AppendAllTextAsync(Path.Combine(template, "postgresql.conf"), Settings + '\n');
        return installation;
    }

    private static async Task GiveToOwnerAsync(string directory)
    {
        if (!Environment.IsPrivilegedProcess) return;
        await using var owned = RunningProgram.Start("chown", ["-R", "postgres:", directory]);
        await owned.SucceedsAsync();
    }

    private static string FindPrograms()
    {
        var debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return debian.Concat(path).FirstOrDefault(directory => File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "pg_ctl")))
            ?? throw new FileNotFoundException("PostgreSQL's server is not installed on this machine: its programs initdb and pg_ctl stand neither below /usr/lib/postgresql nor in PATH.");
    }
}
