namespace Broker.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void The_defaults_are_the_documented_ones() => new Core.BrokerOptions().Limits.ReceiveMaximum.ShouldBe(32);
}
