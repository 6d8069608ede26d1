using System.Diagnostics;

namespace Broker.Tests.Crash;

/// <summary>
/// A file system of a few MiB in memory that only programs see which are started through <see cref="Inside"/>: a mount namespace of its own, for which one need
/// not be root. It is gone with this object.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly Process keeper;

    private SmallDisk(Process keeper, string path)
    {
        this.keeper = keeper;
        Path = path;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>What to start a program with so that it sees it.</summary>
    public string[] Inside => ["nsenter", "--target", $"{keeper.Id}", "--mount", .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--user", "--preserve-credentials"]];

    /// <summary>Mounts it on an empty directory.</summary>
    public static async Task<SmallDisk> MountAsync(string path, int mebibytes)
    {
        string[] asRoot = Environment.IsPrivilegedProcess ? [] : ["--map-root-user"];
        // It lives until its standard input ends, and so no longer than this process.
        var keeper = Process.Start(new ProcessStartInfo("unshare",
            ["--mount", .. asRoot, "sh", "-c", $"mount -t tmpfs -o size={mebibytes}m tmpfs \"$1\" && echo mounted && exec cat", "sh", path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        (await keeper.StandardOutput.ReadLineAsync()).ShouldBe("mounted");
        return new SmallDisk(keeper, path);
    }

    /// <summary>A path of a file on it as this process sees it.</summary>
    public string FromOutside(string file) => $"/proc/{keeper.Id}/root{System.IO.Path.Combine(Path, file)}";

    /// <inheritdoc/>
    public void Dispose()
    {
        keeper.StandardInput.Close();
        keeper.WaitForExit();
        keeper.Dispose();
    }
}
