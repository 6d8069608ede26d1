using Broker.Core.Protocol;
using Broker.Core.Storage;

namespace Broker.Web.Persistence.Batches;

/// <summary>
/// Entries to insert as one row: they follow each other in the queue, their messages stand elsewhere under ids that follow each other, and in all else they are
/// the same. What many sessions get at once is so written, read and deleted with few rows. An entry that is like no other is a run of one.
/// </summary>
/// <param name="Last">The last of them: the row has its key, so that whatever shortens a run from its head leaves the key as it is.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Released">Whether it is released already.</param>
internal readonly record struct EntryRun(EntryQueued Last, int Length, bool Released)
{
    /// <summary>The most entries in a row: so it is known which rows can hold an entry.</summary>
    public const int MostLength = 64;

    /// <summary>Whether the entry can be the next one of this row. One of QoS 2 has a row of its own, as it is released by itself, and so has one of a share group.</summary>
    public bool GoesOnWith(EntryQueued next, bool released) =>
        next.MessageId > 0 && next.MessageId == Last.MessageId + 1 && next.Session == Last.Session && next.Sequence == Last.Sequence + 1 && Length < MostLength
        && next.QoS == QualityOfService.AtLeastOnce && next.QoS == Last.QoS && next.Retain == Last.Retain && !released && !Released
        && next.ShareFilter is null && Last.ShareFilter is null && next.Identifiers.AsSpan().SequenceEqual(Last.Identifiers);

    /// <summary>The run with one entry more.</summary>
    public EntryRun With(EntryQueued next) => this with { Last = next, Length = Length + 1 };

    /// <summary>A number that is higher than all keys of rows that can hold the entry of a sequence, as far as there are such numbers.</summary>
    public static long KeysEnd(long sequence) => sequence > long.MaxValue - MostLength ? long.MaxValue : sequence + MostLength;
}
