using System.Text;
using Broker.Core.Protocol;
using Broker.Core.Topics;

namespace Broker.Tests.Topics;

/// <summary>Many publishers set, clear and let expire the same topics at once: no message is lost that nobody took away, and nothing is left over.</summary>
public sealed class ConcurrentRetainedTests
{
    private const int Rounds = 3_000;

    [Fact]
    public async Task A_message_that_replaces_one_about_to_expire_is_not_swept_away_with_it()
    {
        var retained = new RetainedMessages(10);
        string? lost = null;
        using var together = new Barrier(2);
        var sweeping = Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                together.SignalAndWait();
                retained.Expire(100);
                together.SignalAndWait();
            }
        });
        for (int i = 0; i < Rounds; i++)
        {
            var lasting = RetainedMessagesTests.Message("a", "lasts");
            retained.Set(RetainedMessagesTests.Message("a", expiresAt: 50));
            together.SignalAndWait();
            retained.Set(lasting);
            together.SignalAndWait();
            if (retained.Get("a"u8) != lasting || retained.Count != 1) lost = $"in round {i}";
            retained.Clear("a"u8);
        }
        await sweeping;
        lost.ShouldBeNull();
    }

    [Fact]
    public async Task The_first_topic_below_a_level_is_found_while_others_come_beside_it()
    {
        const int Levels = 20_000;
        var retained = new RetainedMessages(int.MaxValue);
        int level = -1, missed = 0;
        var filling = Task.Run(() =>
        {
            for (int i = 0; i < Levels; i++)
            {
                retained.Set(RetainedMessagesTests.Message($"l{i}/first"));
                Volatile.Write(ref level, i);
                retained.Set(RetainedMessagesTests.Message($"l{i}/second"));
                retained.Set(RetainedMessagesTests.Message($"l{i}/third"));
            }
        });
        while (!filling.IsCompleted)
            if (Volatile.Read(ref level) is >= 0 and var now && !retained.Match(TopicFilter.Parse($"l{now}/+")).Exists(match => match.Message.TopicText.EndsWith("/first", StringComparison.Ordinal))) missed++;
        await filling;
        missed.ShouldBe(0);
    }

    [Fact]
    public async Task Topics_that_come_and_go_from_many_sides_leave_nothing_behind_and_disturb_no_others()
    {
        var retained = new RetainedMessages(int.MaxValue);
        string[] staying = ["a", "a/b", "a/b/c", "x/y"];
        foreach (string topic in staying) retained.Set(RetainedMessagesTests.Message(topic));
        int threads = 3;
        var changing = Enumerable.Range(0, threads).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < Rounds; i++)
            {
                string topic = $"a/b/{random.Next(20)}/{random.Next(3)}";
                if (random.Next(2) == 0) retained.Set(RetainedMessagesTests.Message(topic, expiresAt: random.Next(4) == 0 ? 5 : ApplicationMessage.Never));
                else if (random.Next(8) == 0) retained.Expire(10);
                else retained.Clear(Encoding.UTF8.GetBytes(topic));
            }
        })).ToArray();
        var filters = staying.Select(TopicFilter.Parse).ToArray();
        int missed = 0;
        while (!Task.WhenAll(changing).IsCompleted)
        {
            foreach (var filter in filters) missed += retained.Match(filter).Count == 1 ? 0 : 1;
            missed += retained.Match(TopicFilter.Parse("#")).Count(found => staying.Contains(found.Message.TopicText)) == staying.Length ? 0 : 1;
        }
        await Task.WhenAll(changing);
        missed.ShouldBe(0);

        retained.Expire(10);
        var left = retained.Match(TopicFilter.Parse("#"));
        retained.Count.ShouldBe(left.Count);
        foreach (var (_, message) in left) retained.Clear(message.Topic).ShouldBeTrue();
        retained.Count.ShouldBe(0);
        retained.Root.HasChildren.ShouldBeFalse();
    }
}
