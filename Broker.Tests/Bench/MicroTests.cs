using Broker.Bench.Micro;
using Broker.Core.Protocol;

namespace Broker.Tests.Bench;

/// <summary>Each micro-benchmark does what it is said to measure. That routing allocates nothing is seen in <see cref="Routing.AllocationTests"/>.</summary>
public sealed class MicroTests
{
    [Theory]
    [InlineData(ProtocolVersion.V311)]
    [InlineData(ProtocolVersion.V5)]
    public void Packets_are_read_and_written_as_a_whole(ProtocolVersion version)
    {
        var codec = new CodecBenchmarks { Version = version };
        codec.Setup();
        (codec.DecodePublish0(), codec.DecodePublish1()).ShouldBe((64, 64));
        codec.DecodeConnect().ShouldBeOfType<Connect>().UserName.ShouldBe("sensors");
        codec.EncodePublish1().ShouldBe(codec.EncodePublish0() + 2);
        codec.EncodeConnect().ShouldBeGreaterThan(50);
    }

    [Fact]
    public void Each_topic_is_found_by_one_filter_or_by_none()
    {
        var tree = new TopicTreeBenchmarks { Filters = 300 };
        tree.Setup();
        (tree.Exact(), tree.SingleLevel(), tree.MultiLevel(), tree.None()).ShouldBe((1_024, 1_024, 1_024, 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_enqueued_is_acknowledged(bool persistent)
    {
        var session = new SessionBenchmarks { Persistent = persistent };
        session.Setup();
        for (int i = 0; i < 5_000; i++) session.EnqueueAndAcknowledge(); // the packet identifiers begin anew
        session.Queued.ShouldBe(0);
        session.Cleanup();
    }

    [Fact]
    public void What_is_appended_is_committed()
    {
        var journal = new JournalBenchmarks();
        journal.Setup();
        journal.Append();
        journal.Committed.ShouldBe(1_001);
        journal.Cleanup();
    }
}
