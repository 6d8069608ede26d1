namespace Broker.Tests.Crash;

/// <summary>Tests that load the machine with brokers of their own and what strains them run one after the other, beside others.</summary>
[CollectionDefinition(Name)]
public sealed class CrashCollection
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "crash";
}
