using System.Net;
using Broker.Tests.Testing;
using Broker.Web.Security.SignIn;

namespace Broker.Tests.Security;

/// <summary>How guesses are slowed down, and who is not.</summary>
public sealed class SignInThrottleTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1"), Elsewhere = IPAddress.Parse("192.0.2.2");

    private readonly ManualTime clock = new();
    private readonly SignInThrottle throttle;

    public SignInThrottleTests() => throttle = new SignInThrottle(clock);

    [Fact]
    public void Nobody_is_locked_out_by_guesses_from_elsewhere()
    {
        Fail("anna", Elsewhere, 30);
        throttle.TryBegin("anna", Elsewhere).ShouldNotBeNull();

        throttle.TryBegin("anna", Here).ShouldBeNull();
    }

    [Fact]
    public void Each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour()
    {
        for (int n = 1; n < SignInThrottle.FreeOfPair; n++) throttle.TryBegin("anna", Here).ShouldBeNull();
        var waits = new List<double>();
        for (int n = 0; n < 13; n++)
        {
            throttle.TryBegin("anna", Here).ShouldBeNull();
            var wait = throttle.TryBegin("anna", Here)!.Value;
            waits.Add(wait.TotalSeconds);
            clock.Advance(wait);
        }
        waits.ShouldBe([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    [Fact]
    public void Success_forgives()
    {
        for (int n = 1; n <= 100; n++)
        {
            throttle.TryBegin("anna", Here).ShouldBeNull();
            throttle.Succeed("anna", Here);
        }
    }

    [Fact]
    public void An_address_that_tries_many_accounts_has_to_wait_too()
    {
        for (int n = 0; n < SignInThrottle.FreeOfAddress; n++) throttle.TryBegin($"account {n}", Here).ShouldBeNull();

        throttle.TryBegin("one more", Here).ShouldNotBeNull();
        throttle.TryBegin("one more", Elsewhere).ShouldBeNull();
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Addresses_of_one_network_count_together(string first, string second, bool together)
    {
        Fail("anna", IPAddress.Parse(first), SignInThrottle.FreeOfPair);

        (throttle.TryBegin("anna", IPAddress.Parse(second)) is not null).ShouldBe(together);
    }

    [Fact]
    public void Failures_are_forgotten_after_an_hour()
    {
        Fail("anna", Here, 20);
        clock.Advance(TimeSpan.FromHours(1));

        for (int n = 1; n <= SignInThrottle.FreeOfPair; n++) throttle.TryBegin("anna", Here).ShouldBeNull();
    }

    [Fact]
    public void However_many_addresses_guess_the_latest_are_remembered()
    {
        for (int n = 0; n < 12_000; n++) throttle.TryBegin("anna", new IPAddress(0x0A000000 + n));
        Fail("anna", Here, SignInThrottle.FreeOfPair);

        throttle.TryBegin("anna", Here).ShouldNotBeNull();
        throttle.Remembered.ShouldBeLessThanOrEqualTo(10_000);
    }

    private void Fail(string account, IPAddress from, int times)
    {
        for (int n = 0; n < times; n++) throttle.TryBegin(account, from);
    }
}
