using Broker.Core.Sessions;

namespace Broker.Tests.Sessions;

/// <summary>Whether a client is likely to acknowledge soon, judged by one message at a time.</summary>
public sealed class AnswerTimeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly AnswerTime answers = new();

    [Fact]
    public void Of_a_client_that_has_acknowledged_nothing_yet_nothing_is_known()
    {
        answers.AreWithin(Long, 0).ShouldBeFalse();
        answers.Sent(1, 1, 0);
        answers.AreWithin(Long, 0).ShouldBeFalse();
    }

    [Fact]
    public void What_it_did_before_it_is_likely_to_do_again()
    {
        Answer(1);
        answers.AreWithin(Long, 0).ShouldBeTrue();
        answers.AreWithin(TimeSpan.Zero, 0).ShouldBeFalse();
    }

    [Fact]
    public void While_an_answer_is_overdue_nothing_is_expected()
    {
        var second = TimeSpan.FromSeconds(1);
        Answer(1);
        answers.Sent(2, 2, 0);
        answers.AreWithin(second, 1_000).ShouldBeTrue();
        answers.AreWithin(second, 1_001).ShouldBeFalse();
        answers.Sent(3, 2, 1_001);
        answers.Acknowledged(3);
        answers.AreWithin(second, 1_001).ShouldBeFalse();
        answers.Acknowledged(2);
        answers.AreWithin(second, 1_001).ShouldBeTrue();
    }

    [Fact]
    public void A_message_that_left_the_queue_without_an_answer_is_not_waited_for()
    {
        Answer(1);
        answers.Sent(2, 2, 0);
        answers.Sent(5, 3, 1_001);
        answers.AreWithin(TimeSpan.FromSeconds(1), 1_001).ShouldBeTrue();
    }

    private void Answer(long sequence)
    {
        answers.Sent(sequence, sequence, 0);
        answers.Acknowledged(sequence);
    }
}
