using Broker.Core.Diagnostics;
using Broker.Core.Sessions;
using Broker.Core.Storage;
using Broker.Core.Topics;
using Broker.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Sessions;

/// <summary>What the clock of the sessions holds on to.</summary>
public sealed class SessionClockTests : IDisposable
{
    private const long Month = 30L * 86_400_000;
    private readonly ManualTime time = new();
    private readonly BrokerCounters counters = new();
    private readonly Journal journal = new(new InMemoryStore(), 1 << 20, NullLogger<Journal>.Instance);
    private readonly List<Session> due = [];
    private readonly SessionClock clock;

    public SessionClockTests() => clock = new SessionClock(time, due.Add);

    public void Dispose()
    {
        clock.Dispose();
        journal.Dispose();
    }

    private Session NewSession() => new(1, "client", new SessionServices(new TopicTree<Session>(), journal, new StoreReader(new InMemoryStore(), time, NullLogger<StoreReader>.Instance), new Limits(), counters, time));

    private void Schedule(Session session, long will, long expiry)
    {
        session.Deadlines.Will = will;
        session.Deadlines.Expiry = expiry;
        clock.Schedule(session);
    }

    [Fact]
    public void Sessions_that_ended_long_before_their_deadline_are_not_held_on_to()
    {
        for (int i = 0; i < 10_000; i++)
        {
            var session = NewSession();
            Schedule(session, SessionDeadlines.Never, clock.Now + Month);
            clock.Forget(session);
        }
        clock.Count.ShouldBeLessThan(200);
        time.Advance(TimeSpan.FromMilliseconds(Month + 1));
        due.ShouldBeEmpty();
    }

    [Fact]
    public void A_session_that_publishes_a_will_again_and_again_does_not_fill_the_queue()
    {
        var session = NewSession();
        for (int i = 0; i < 10_000; i++)
        {
            Schedule(session, clock.Now + 1000, clock.Now + Month);
            time.Advance(TimeSpan.FromSeconds(2));
            due.Count.ShouldBe(i + 1);
            Schedule(session, SessionDeadlines.Never, clock.Now + Month);
        }
        clock.Count.ShouldBeLessThan(200);
    }

    [Fact]
    public void Clearing_the_queue_of_outdated_entries_loses_no_deadline()
    {
        var kept = Enumerable.Range(0, 100).Select(_ => NewSession()).ToArray();
        foreach (var session in kept) Schedule(session, SessionDeadlines.Never, clock.Now + 5000);
        for (int i = 0; i < 10_000; i++)
        {
            var other = NewSession();
            Schedule(other, SessionDeadlines.Never, clock.Now + Month);
            clock.Forget(other);
        }
        time.Advance(TimeSpan.FromSeconds(6));
        due.ShouldBe(kept, ignoreOrder: true);
    }
}
