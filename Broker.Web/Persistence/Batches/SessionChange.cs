using Broker.Core.Storage;

namespace Broker.Web.Persistence.Batches;

/// <summary>
/// What a batch leaves of a session's row. With <see cref="Stored"/> the row is inserted or replaced, where it keeps the time of its creation and the higher
/// <see cref="HighestSent"/>; without it the row is there, and what is null here stays as it is.
/// </summary>
internal sealed class SessionChange(long key)
{
    /// <summary>The session's key.</summary>
    public long Key => key;

    /// <summary>The latest connection; null if there was none in the batch.</summary>
    public SessionStored? Stored { get; private set; }

    /// <summary>When the first connection in the batch began: the session's creation, if its row is not there yet.</summary>
    public long CreatedAt { get; private set; }

    /// <summary>How long the session lasts; null where only its end is told.</summary>
    public uint? ExpiryInterval { get; private set; }

    /// <summary>When its connection ended; null while connected, and where only its end is told.</summary>
    public long? DetachedAt { get; private set; }

    /// <summary>The highest sequence sent, as far as the batch tells; 0 if it does not.</summary>
    public long HighestSent { get; private set; }

    /// <summary>Who it was given to since, or null.</summary>
    public SessionOwned? Owned { get; private set; }

    /// <summary>When it was discarded, or null.</summary>
    public long? DiscardedAt { get; private set; }

    public void Take(SessionStored stored)
    {
        if (Stored is null) CreatedAt = stored.At;
        (Stored, Owned) = (stored, null);
        ExpiryInterval = stored.ExpiryInterval;
        DetachedAt = null;
    }

    public void Take(SessionDetached detached)
    {
        ExpiryInterval = detached.ExpiryInterval;
        DetachedAt = detached.At;
        HighestSent = Math.Max(HighestSent, detached.HighestSent);
    }

    public void Take(SessionOwned owned) => Owned = owned;

    public void Take(SessionDiscarded discarded) => DiscardedAt = discarded.At;
}
