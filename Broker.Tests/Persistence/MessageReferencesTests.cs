using Broker.Web.Persistence.Batches;

namespace Broker.Tests.Persistence;

/// <summary>Which messages are still referred to, as far as committed transactions tell.</summary>
public sealed class MessageReferencesTests
{
    private readonly MessageReferences references = new();

    [Fact]
    public void What_a_transaction_does_counts_once_it_is_committed()
    {
        var changes = new ReferenceChanges(references);
        changes.Add(5, 1);
        changes.Add(5, 1);
        changes.Clear(); // not committed
        references[5].ShouldBe(0);

        changes.Add(5, 1);
        changes.Add(5, 1);
        changes.Add(5_000_000_000, 1);
        changes.Unreferenced().ShouldBeEmpty();
        changes.Apply();
        (references[5], references[5_000_000_000], references[6], references.Messages, references.Highest).ShouldBe((2, 1, 0, 2, 5_000_000_000));

        changes.Add(5, -1);
        changes.Add(5_000_000_000, -1);
        changes.Unreferenced().ShouldBe([5_000_000_000]);
        changes.Apply();
        (references[5], references[5_000_000_000], references.Messages).ShouldBe((1, 0, 1));
        changes.Add(5, -1);
        changes.Unreferenced().ShouldBe([5]);
    }

    [Fact]
    public void Messages_that_nobody_refers_to_are_told_in_the_order_of_their_ids()
    {
        var changes = new ReferenceChanges(references);
        changes.AddRun(last: 10, length: 10, 1);
        changes.Add(5, 1);
        changes.Apply();
        changes.AddRun(last: 9, length: 8, -1);
        changes.Unreferenced().ShouldBe([2, 3, 4, 6, 7, 8, 9]);
    }

    [Fact]
    public void Counting_anew_keeps_the_highest_id_that_was_seen()
    {
        references.Add(7, 3);
        references.Clear();
        (references[7], references.Messages, references.Highest).ShouldBe((0, 0, 7));
    }

    [Fact]
    public void What_is_not_referred_to_takes_no_memory()
    {
        for (long id = 1; id <= 1_000_000; id++)
        {
            references.Add(id, 1);
            references.Add(id, -1);
        }
        references.Segments.ShouldBe(0);
    }
}
