namespace Broker.Core.Access;

/// <summary>The policy that holds now, for everybody who has to ask it.</summary>
public sealed class AccessControl
{
    private volatile AccessPolicy policy = AccessPolicy.Open;

    /// <summary>The policy.</summary>
    public AccessPolicy Policy
    {
        get => policy;
        internal set => policy = value;
    }

    /// <summary>
    /// Whether clients may bring rules of their own, with a token. Those of a client that is away are not known after a restart: until it is back, only a rule
    /// that denies counts against what it has left here, not that none allows it.
    /// </summary>
    public bool ClientsBringRules { get; init; }
}
