using Broker.Tests.Testing;
using Broker.Web.Operations;

namespace Broker.Tests.Api;

/// <summary>What is looked up once for many.</summary>
public sealed class SharedTests
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly ManualTime time = new();
    private readonly Queue<TaskCompletionSource<int>> looks = [];

    [Fact]
    public async Task Who_asks_while_somebody_looks_gets_the_same_answer_and_so_does_who_asks_soon_after()
    {
        var look = Expect();
        var shared = new Shared<int>(() => looks.Dequeue().Task, Fresh, time);
        var (first, second) = (shared.GetAsync(), shared.GetAsync());
        time.Advance(Fresh);
        var third = shared.GetAsync();
        look.SetResult(1);
        (await first, await second, await third).ShouldBe((1, 1, 1));

        Expect().SetResult(2);
        (await shared.GetAsync()).ShouldBe(2);
        (await shared.GetAsync()).ShouldBe(2);
        looks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failure_is_told_to_all_and_the_next_look_may_succeed()
    {
        Expect().SetException(new TimeoutException());
        var shared = new Shared<int>(() => looks.Dequeue().Task, Fresh, time);
        for (int i = 0; i < 2; i++) await Should.ThrowAsync<TimeoutException>(shared.GetAsync);

        time.Advance(Fresh);
        Expect().SetResult(1);
        (await shared.GetAsync()).ShouldBe(1);
    }

    private TaskCompletionSource<int> Expect()
    {
        var look = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        looks.Enqueue(look);
        return look;
    }
}
