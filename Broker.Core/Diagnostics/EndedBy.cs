namespace Broker.Core.Diagnostics;

/// <summary>Who ended a connection.</summary>
public enum EndedBy
{
    /// <summary>The client, by DISCONNECT.</summary>
    Client,

    /// <summary>The broker.</summary>
    Server,

    /// <summary>Nobody said so: the stream broke off.</summary>
    Network,
}
