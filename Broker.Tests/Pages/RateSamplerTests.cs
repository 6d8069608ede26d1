using Broker.Core;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Pages;

/// <summary>The sampler that all open pages share.</summary>
public sealed class RateSamplerTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
{
    [Fact]
    public async Task A_rate_is_what_was_counted_between_two_readings_by_their_time()
    {
        using var sampler = Sampler();
        var client = await ConnectAsync(Transport.Tcp);
        sampler.Sample();

        for (var number = 0; number < 6; number++)
            await client.PublishAsync("a", "b", QualityOfService.AtLeastOnce);
        broker.Clock.Advance(TimeSpan.FromSeconds(2));

        sampler.Sample().Rate.ShouldBe(new MessageRate(3, 0));
    }

    [Fact]
    public void Two_readings_at_the_same_moment_make_no_rate()
    {
        using var sampler = Sampler();

        sampler.Sample();

        sampler.Sample().Rate.ShouldBe(default);
    }

    [Fact]
    public async Task Who_waits_gets_the_next_reading()
    {
        using var sampler = Sampler();
        var next = sampler.NextAsync(CancellationToken.None);
        next.IsCompleted.ShouldBeFalse();

        var reading = sampler.Sample();

        (await next).ShouldBeSameAs(reading);
        sampler.Latest.ShouldBeSameAs(reading);
    }

    [Fact]
    public void The_rates_of_two_minutes_are_kept()
    {
        using var sampler = Sampler();

        for (var second = 0; second < RateSampler.Kept + 5; second++)
            sampler.Sample();

        sampler.Latest.Rates.Count.ShouldBe(RateSampler.Kept);
    }

    // One that takes its readings when the test says so.
    RateSampler Sampler() => new(broker.Services.GetRequiredService<MqttBroker>(), broker.Clock, NullLogger<RateSampler>.Instance);
}
