using System.Text;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>
/// A file that its owner keeps open exclusively: it tells processes on this machine apart, and ends with the process however that ends. It stays, with the
/// owner's name in it for people.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private readonly FileStream file;

    private OwnerLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock, or gives null if another process has it.</summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be made.</exception>
    public static OwnerLock? TryTake(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = SqliteFile.Mode;
        FileStream file;
        try
        {
            file = new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
        file.SetLength(0);
        file.Write(Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName}\n"));
        return new OwnerLock(file);
    }

    public void Dispose() => file.Dispose();
}
