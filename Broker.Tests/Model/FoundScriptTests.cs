using Broker.Core.Protocol;

namespace Broker.Tests.Model;

/// <summary>Scripts on which the model and the broker once disagreed.</summary>
public sealed class FoundScriptTests
{
    [Fact]
    public Task A_session_ends_in_time_though_another_one_with_an_earlier_deadline_behind_it_had_a_will_to_publish() => ScriptRun.RunAsync(
    [
        new ConnectStep(2, ProtocolVersion.V5, false, 20, 1, 0, null),
        new ConnectStep(2, ProtocolVersion.V5, false, uint.MaxValue, 3, 0, new WillWish("a/b", "w1", QualityOfService.ExactlyOnce, false, 3, 2)),
        new DropStep(2, false),
        new ConnectStep(1, ProtocolVersion.V5, false, 20, 100, 0, null),
        new DropStep(1, false),
        new WaitStep(31),
    ]);

    [Fact]
    public Task What_is_published_while_retained_messages_wait_for_their_turn_does_not_come_again_as_retained() => ScriptRun.RunAsync(
    [
        new ConnectStep(0, ProtocolVersion.V5, true, 20, 1, 0, null),
        new ConnectStep(1, ProtocolVersion.V5, true, 0, 100, 0, null),
        new PublishStep(1, "a/b", "m1", QualityOfService.AtLeastOnce, true, 1, null, null),
        new PublishStep(1, "a/c", "m2", QualityOfService.AtLeastOnce, true, 1, null, null),
        new SubscribeStep(0, [new("a/#", new SubscriptionOptions(QualityOfService.AtLeastOnce)), new("a", new SubscriptionOptions(QualityOfService.ExactlyOnce))], 0),
        new PublishStep(1, "a", "m3", QualityOfService.ExactlyOnce, true, 1, null, null),
        .. Enumerable.Repeat(new AcknowledgeStep(0, 0, false, false), 8),
    ]);
}
