using Broker.Core.Storage;

namespace Broker.Web.Persistence.Sqlite;

/// <summary>Keeps some of the disk free, and sees that the file is still there: looked at once a second at most.</summary>
internal sealed class FreeDisk(string path, long leastBytes, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private long? lastLook;

    /// <summary>Does nothing while there is room.</summary>
    /// <exception cref="StoreUnavailableException">There is not.</exception>
    public void Check()
    {
        if (lastLook is { } then && time.GetElapsedTime(then) < Every) return;
        lastLook = null; // until it is seen that all is well
        if (!File.Exists(path)) throw new StoreUnavailableException($"{path}: the file is gone; put it back, or start the broker anew.");
        long free = Free();
        if (free < leastBytes)
            throw new StoreUnavailableException($"{path}: only {free:N0} bytes of its disk are free, and Storage:FreeDiskBytes keeps {leastBytes:N0}.");
        lastLook = time.GetTimestamp();
    }

    private long Free()
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace;
        }
        catch (IOException failure)
        {
            throw new StoreUnavailableException($"{path}: the free space of its disk cannot be read: {failure.Message}", failure);
        }
    }
}
