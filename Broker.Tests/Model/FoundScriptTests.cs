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
}
