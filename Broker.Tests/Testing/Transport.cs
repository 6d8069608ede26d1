using System.Reflection;
using Broker.Core.Protocol;
using Xunit.Sdk;

namespace Broker.Tests.Testing;

/// <summary>What carries the MQTT stream.</summary>
public enum Transport
{
    /// <summary>A TCP connection.</summary>
    Tcp,

    /// <summary>Binary WebSocket messages.</summary>
    WebSocket,
}

/// <summary>Runs a theory once for each transport: <c>(Transport transport)</c>.</summary>
public sealed class TransportsAttribute : DataAttribute
{
    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Enum.GetValues<Transport>().Select(transport => new object[] { transport });
}

/// <summary>Runs a theory once for each transport and protocol version: <c>(Transport transport, ProtocolVersion version)</c>.</summary>
public sealed class VersionsAttribute : DataAttribute
{
    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from transport in Enum.GetValues<Transport>()
        from version in Enum.GetValues<ProtocolVersion>()
        select new object[] { transport, version };
}

/// <summary>Runs a theory once for each transport with MQTT 3.1 and 3.1.1: <c>(Transport transport, ProtocolVersion version)</c>.</summary>
public sealed class EarlierVersionsAttribute : DataAttribute
{
    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from transport in Enum.GetValues<Transport>()
        from version in new[] { ProtocolVersion.V31, ProtocolVersion.V311 }
        select new object[] { transport, version };
}
