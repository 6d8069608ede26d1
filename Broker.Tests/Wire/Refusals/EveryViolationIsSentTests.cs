using System.Reflection;
using Broker.Core.Protocol;
using Broker.Tests.Protocol;

namespace Broker.Tests.Wire.Refusals;

/// <summary>No golden packet that a client could send stays with the codec: each is sent to a broker as well.</summary>
public sealed class EveryViolationIsSentTests
{
    /// <summary>Those that the codec tells apart and a broker answers in another way; tests of their own send them.</summary>
    private static readonly string[] AnsweredOtherwise =
    [
        "CONNECT with level 6", "CONNECT with level 0", "CONNECT with level 3 and the name MQTT", "CONNECT with the name of MQTT 3.1 and the level of 3.1.1",
    ];

    [Fact]
    public void Every_golden_violation_of_a_client_is_sent_by_a_wire_test()
    {
        var sent = typeof(RefusalTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes<GoldenViolationsAttribute>()).SelectMany(attribute => attribute.Names).Concat(AnsweredOtherwise).ToArray();
        sent.ShouldBeUnique();
        sent.Order().ShouldBe(GoldenPackets.All.Where(golden => golden.Packet is null && golden.Sender == Sender.Client).Select(golden => golden.Name).Order());
    }
}
