using Broker.Core;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Components.Figures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Pages;

/// <summary>The sampler that all open pages share.</summary>
public sealed class FigureSamplerTests(BrokerHostWithManualTime broker) : WireTests(broker), IClassFixture<BrokerHostWithManualTime>
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

        sampler.Sample().Sample.Received.ShouldBe(3);
    }

    [Fact]
    public void Two_readings_at_the_same_moment_make_no_rate()
    {
        using var sampler = Sampler();

        sampler.Sample();

        sampler.Sample().Sample.Received.ShouldBe(0);
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
    public void The_samples_of_five_minutes_are_kept()
    {
        using var sampler = Sampler();

        for (var second = 0; second < FigureSampler.Kept + 5; second++)
            sampler.Sample();

        sampler.Latest.Samples.Count.ShouldBe(FigureSampler.Kept);
    }

    // One that takes its readings when the test says so.
    FigureSampler Sampler() => new(broker.Services.GetRequiredService<MqttBroker>(), broker.Clock, NullLogger<FigureSampler>.Instance);
}
