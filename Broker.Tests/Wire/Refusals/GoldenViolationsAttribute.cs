using System.Reflection;
using Broker.Tests.Protocol;
using Broker.Tests.Testing;
using Xunit.Sdk;

namespace Broker.Tests.Wire.Refusals;

/// <summary>Runs a theory for each of these golden packets on each transport: <c>(Transport transport, string golden)</c>.</summary>
public sealed class GoldenViolationsAttribute(params string[] names) : DataAttribute
{
    /// <summary>The golden packets, by name.</summary>
    public IReadOnlyList<string> Names => names;

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from name in names
        from transport in Enum.GetValues<Transport>()
        select new object[] { transport, name };
}

/// <summary>Sends golden packets that break the standard to a broker.</summary>
public abstract class RefusalTests(BrokerHost broker) : WireTests(broker)
{
    /// <summary>
    /// The broker must end the connection. MQTT 5 is told why if the broker tells anything, with the golden packet's reason code, or, where the standard leaves the
    /// code open, with any that says malformed or protocol error. Before MQTT 5 there is nothing but the end.
    /// </summary>
    protected async Task RefusesAsync(Transport transport, string name)
    {
        var golden = GoldenPackets.Named(name);
        var client = await ConnectAsync(transport, golden.Version);
        await client.SendRawAsync(golden.Bytes);
        var reason = await client.ExpectRefusedAsync();
        if (golden.Version != Core.Protocol.ProtocolVersion.V5) reason.ShouldBeNull();
        else if (reason is not null) reason.ShouldBe(golden.Violation);
    }

    /// <summary>The broker must not accept the CONNECT: MQTT 5 is told why or hears nothing, 3.1 and 3.1.1 hear nothing [3.1.1: MQTT-3.1.4-1].</summary>
    protected async Task RefusesConnectAsync(Transport transport, string name)
    {
        var golden = GoldenPackets.Named(name);
        var client = await OpenAsync(transport, golden.Version);
        await client.SendRawAsync(golden.Bytes);
        var reason = await client.ExpectNotAcceptedAsync();
        if (golden.Version != Core.Protocol.ProtocolVersion.V5) reason.ShouldBeNull("a CONNECT that breaks 3.1.1 gets no CONNACK");
        else if (reason is not null) reason.ShouldBe(golden.Violation);
    }
}
