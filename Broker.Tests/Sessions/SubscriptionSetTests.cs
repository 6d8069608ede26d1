using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Topics;

namespace Broker.Tests.Sessions;

/// <summary>The subscriptions of one session, few or many, held against a table.</summary>
public sealed class SubscriptionSetTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 8)]
    [InlineData(3, 9)]
    [InlineData(4, 40)]
    public void Whatever_comes_changes_and_goes_it_has_what_a_table_has(int seed, int filters)
    {
        var random = new Random(seed);
        var expected = new Dictionary<string, Subscription<Session>>();
        var set = default(SubscriptionSet);
        for (int step = 0; step < 2_000; step++)
        {
            string filter = $"f/{random.Next(filters)}";
            if (random.Next(20) == 0 && step % 500 > 400)
            {
                set.Clear();
                expected.Clear();
            }
            else if (random.Next(2) == 0)
            {
                var subscription = new Subscription<Session>(null!, TopicFilter.Parse(filter), default, 0);
                set.Put(subscription);
                expected[filter] = subscription;
            }
            else
            {
                set.Remove(filter, out var removed).ShouldBe(expected.Remove(filter, out var known));
                removed.ShouldBe(known);
            }
            set.TryGet(filter, out var found).ShouldBe(expected.TryGetValue(filter, out var there));
            found.ShouldBe(there);
            set.Count.ShouldBe(expected.Count);
            set.ToArray().ShouldBe(expected.Values, ignoreOrder: true);
        }
    }
}
