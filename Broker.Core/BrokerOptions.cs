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

    /// <summary>Where clients are sent instead.</summary>
    public Redirect Redirect { get; set; } = new();

    /// <summary>How <c>$SYS</c> is published.</summary>
    public SysOptions Sys { get; set; } = new();
}

/// <summary>How <c>$SYS</c> is published, below <c>Mqtt:Sys</c>.</summary>
public sealed class SysOptions
{
    /// <summary>Time between two publications of <c>$SYS</c>; zero switches it off.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);
}
