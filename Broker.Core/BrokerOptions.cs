using Broker.Core.Access;
using Broker.Core.Connections;
using Broker.Core.Sessions;

namespace Broker.Core;

/// <summary>How the broker behaves, below <c>Mqtt</c> in the configuration; what concerns listeners belongs to the host.</summary>
public sealed class BrokerOptions
{
    /// <summary>What the broker allows.</summary>
    public Limits Limits { get; set; } = new();

    /// <summary>The users that are let in; without any, everybody is anonymous.</summary>
    public List<User> Users { get; set; } = [];

    /// <summary>What clients may do where no rule says it.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>Where clients are sent instead.</summary>
    public Redirect Redirect { get; set; } = new();

    /// <summary>How <c>$SYS</c> is published.</summary>
    public SysOptions Sys { get; set; } = new();

    /// <summary>How the store is used.</summary>
    public StorageOptions Storage { get; set; } = new();
}

/// <summary>How the store is used, below <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>Bytes that may wait for their commit before publishers that need one are held.</summary>
    public long PendingBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Bytes of retained payloads that are kept in memory; what is beyond is read from the store.</summary>
    public long RetainedCacheBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Bytes of free disk below which nothing more is written; SQLite only, as PostgreSQL has a disk of its own.</summary>
    public long FreeDiskBytes { get; set; } = 64 * 1024 * 1024;
}

/// <summary>How <c>$SYS</c> is published, below <c>Mqtt:Sys</c>.</summary>
public sealed class SysOptions
{
    /// <summary>Time between two publications of <c>$SYS</c>; zero switches it off.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);
}
