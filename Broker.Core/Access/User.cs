namespace Broker.Core.Access;

/// <summary>A user and its password, as they stand in the configuration.</summary>
public sealed class User
{
    /// <summary>The name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The password.</summary>
    public string Password { get; set; } = "";
}
