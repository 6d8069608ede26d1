namespace Broker.Web.Security;

/// <summary>
/// What somebody may do through the REST API or the dashboard. Each is the name of an authorization policy too: a route names the one that it needs. An API key holds any
/// of them; the role viewer holds <see cref="Read"/>, operator all but <see cref="Admin"/>, admin all.
/// </summary>
public static class Scopes
{
    /// <summary>To see everything but secrets.</summary>
    public const string Read = "read";

    /// <summary>To change what goes on: disconnect, delete sessions, queues and retained messages, subscribe for a client.</summary>
    public const string Operate = "operate";

    /// <summary>To publish messages.</summary>
    public const string Publish = "publish";

    /// <summary>To administer accounts, API keys and settings.</summary>
    public const string Admin = "admin";

    /// <summary>No scope, but a policy: <see cref="Read"/>, or nothing for whoever asks from this machine and not through a proxy.</summary>
    public const string ReadOrLocal = "read or local";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Operate, Publish, Admin];
}
