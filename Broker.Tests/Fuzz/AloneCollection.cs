namespace Broker.Tests.Fuzz;

/// <summary>Tests that measure the memory of the process run while no others do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "alone";
}
