using Xunit.Abstractions;
using Xunit.Sdk;

namespace Broker.Tests.Testing;

/// <summary>Names the statements of MQTT 5.0 that a test checks, such as <c>MQTT-3.1.0-1</c>; runners see them as traits.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
[TraitDiscoverer("Broker.Tests.Testing." + nameof(SpecDiscoverer), "Broker.Tests")]
public sealed class SpecAttribute(params string[] statements) : Attribute, ITraitAttribute, ISpecAttribute
{
    /// <inheritdoc/>
    public string Version => "5.0";

    /// <inheritdoc/>
    public IReadOnlyList<string> Statements => statements;
}

/// <summary>Names the statements of MQTT 3.1.1 that a test checks.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
[TraitDiscoverer("Broker.Tests.Testing." + nameof(SpecDiscoverer), "Broker.Tests")]
public sealed class Spec311Attribute(params string[] statements) : Attribute, ITraitAttribute, ISpecAttribute
{
    /// <inheritdoc/>
    public string Version => "3.1.1";

    /// <inheritdoc/>
    public IReadOnlyList<string> Statements => statements;
}

/// <summary>What both attributes tell the ledger.</summary>
public interface ISpecAttribute
{
    /// <summary>The version of the standard, as the tables write it.</summary>
    string Version { get; }

    /// <summary>The statements that the test checks.</summary>
    IReadOnlyList<string> Statements { get; }
}

/// <summary>Turns the attributes into traits.</summary>
public sealed class SpecDiscoverer : ITraitDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute)
    {
        string name = ((IReflectionAttributeInfo)traitAttribute).Attribute is Spec311Attribute ? "Spec311" : "Spec";
        var statements = (IEnumerable<object>)traitAttribute.GetConstructorArguments().Single();
        return statements.Select(statement => KeyValuePair.Create(name, (string)statement));
    }
}
