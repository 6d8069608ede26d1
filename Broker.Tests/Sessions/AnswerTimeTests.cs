using Broker.Core.Sessions;

namespace Broker.Tests.Sessions;

/// <summary>Whether a client is likely to acknowledge soon, judged by one message at a time.</summary>
public sealed class AnswerTimeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private AnswerTime answers;

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
        Answer(1);
        answers.Sent(2, 2, 0);
        answers.AreWithin(Long, 10).ShouldBeTrue();
        answers.AreWithin(Long, 11).ShouldBeFalse();
        answers.Sent(3, 2, 11);
        answers.Acknowledged(3);
        answers.AreWithin(Long, 11).ShouldBeFalse();
        answers.Acknowledged(2);
        answers.AreWithin(Long, 11).ShouldBeTrue();
    }

    [Fact]
    public void A_message_that_left_the_queue_without_an_answer_is_not_waited_for()
    {
        Answer(1);
        answers.Sent(2, 2, 0);
        answers.Sent(5, 3, 100);
        answers.AreWithin(Long, 100).ShouldBeTrue();
    }

    private void Answer(long sequence)
    {
        answers.Sent(sequence, sequence, 0);
        answers.Acknowledged(sequence);
    }
}
