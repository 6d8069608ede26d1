using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Tests.Topics;

namespace Broker.Tests.Sessions;

/// <summary>The queue of a session, held against a plain list of what should lie in it.</summary>
public sealed class OutboundQueueTests
{
    private const int Identifiers = 65_535;

    [Theory]
    [InlineData(1, 12)]
    [InlineData(2, 200)]
    [InlineData(3, 3_000)]
    public void Random_operations_leave_the_queue_like_a_plain_list(int seed, int about)
    {
        var random = new Random(seed);
        var queue = new OutboundQueue();
        var model = new List<Item>();
        long first = 1;
        int next = 0;
        for (int step = 0; step < 60_000; step++)
        {
            int choice = random.Next(10);
            if (model.Count < about && choice < 6 || model.Count == 0)
            {
                var message = RetainedMessagesTests.Message("topic", new string('x', random.Next(20)));
                queue.NextSequence.ShouldBe(first + model.Count);
                queue.Append(new Entry { Message = message, QoS = QualityOfService.ExactlyOnce, State = EntryState.Waiting, Identifiers = [] });
                model.Add(new Item { Message = message, State = EntryState.Waiting });
            }
            else if (choice < 8 && next < model.Count)
            {
                if (queue[next].State == EntryState.Waiting) queue[next].State = model[next].State = EntryState.Sent;
                queue.Advance();
                next++;
            }
            else if (choice == 8 && random.Next(20) == 0)
            {
                queue.Rewind();
                next = 0;
            }
            else
            {
                int index = random.Next(Math.Min(model.Count, 8));
                if (model[index].State == EntryState.Done) continue;
                if (random.Next(3) == 0)
                {
                    queue.Release(index);
                    (model[index].State, model[index].Message) = (EntryState.Released, null);
                }
                else
                {
                    queue.Settle(index);
                    (model[index].State, model[index].Message) = (EntryState.Done, null);
                    for (; model.Count > 0 && model[0].State == EntryState.Done; first++)
                    {
                        model.RemoveAt(0);
                        if (next > 0) next--;
                    }
                }
            }
            Compare(queue, model, first, next, whole: step % 500 == 0);
        }
    }

    [Fact]
    public void Identifiers_wrap_at_65_535_and_find_their_entry_again()
    {
        var queue = new OutboundQueue();
        for (long sequence = 1; sequence <= 3 * Identifiers; sequence++)
        {
            ushort identifier = OutboundQueue.IdentifierOf(sequence);
            identifier.ShouldBe((ushort)((sequence - 1) % Identifiers + 1));
            Append(queue);
            queue.Find(identifier).ShouldBe(queue.Count - 1);
            if (queue.Count == 3) queue.Settle(0);
        }
        queue.First.ShouldBe(3 * Identifiers - 1);
        queue.Find(OutboundQueue.IdentifierOf(queue.First)).ShouldBe(0);
        queue.Find(OutboundQueue.IdentifierOf(queue.NextSequence)).ShouldBe(-1);
        queue.Find(OutboundQueue.IdentifierOf(queue.First - 1)).ShouldBe(-1);
    }

    [Fact]
    public void A_message_waits_while_its_identifier_is_in_use_by_an_older_one()
    {
        var queue = new OutboundQueue();
        for (int i = 0; i < Identifiers + 2; i++) Append(queue);
        for (int i = 0; i < Identifiers; i++)
        {
            queue.IdentifiersExhausted.ShouldBeFalse();
            queue.Advance();
        }
        queue.IdentifiersExhausted.ShouldBeTrue();
        queue.Find(1).ShouldBe(0); // not the waiting one
        queue.Settle(5);
        queue.IdentifiersExhausted.ShouldBeTrue();
        queue.Settle(0);
        queue.IdentifiersExhausted.ShouldBeFalse();
        queue.Find(1).ShouldBe(Identifiers - 1);
        queue.Advance();
        queue.IdentifiersExhausted.ShouldBeTrue();
    }

    [Fact]
    public void A_message_that_was_released_before_it_was_sent_again_waits_no_more()
    {
        var queue = new OutboundQueue();
        Append(queue, "payload");
        queue.WaitingBytes.ShouldBe(12);
        queue.Advance();
        queue.WaitingBytes.ShouldBe(0);
        queue.Rewind();
        queue.WaitingBytes.ShouldBe(12);
        queue.Release(0);
        queue.WaitingBytes.ShouldBe(0);
        queue.Advance();
        queue.WaitingBytes.ShouldBe(0);
    }

    private static void Append(OutboundQueue queue, string payload = "") => queue.Append(
        new Entry { Message = RetainedMessagesTests.Message("topic", payload), QoS = QualityOfService.AtLeastOnce, State = EntryState.Sent, Identifiers = [] });

    private static void Compare(OutboundQueue queue, List<Item> model, long first, int next, bool whole)
    {
        bool same = queue.Count == model.Count && queue.First == first && queue.Next == next && queue.Waiting == model.Count - next;
        same.ShouldBeTrue($"first {queue.First} for {first}, {queue.Count} entries for {model.Count}, next {queue.Next} for {next}");
        if (!whole) return;
        queue.WaitingBytes.ShouldBe(model.Skip(next).Sum(item => (long)(item.Message?.Size ?? 0)));
        for (int i = 0; i < model.Count; i++)
        {
            queue[i].State.ShouldBe(model[i].State);
            queue[i].Message.ShouldBe(model[i].Message);
            queue.Find(OutboundQueue.IdentifierOf(first + i)).ShouldBe(i);
        }
    }

    private sealed class Item
    {
        public ApplicationMessage? Message;
        public EntryState State;
    }
}
