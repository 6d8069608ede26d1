using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Core.Topics;

namespace Broker.Core;

/// <content>Messages, for operators.</content>
public sealed partial class MqttBroker
{
    private const int SampledTopics = 10, ClearedAtOnce = 500, FoundAtOnce = 20 * ClearedAtOnce;

    /// <summary>Publishes a message as the broker's own.</summary>
    /// <param name="message">The message; its topic is valid and not reserved.</param>
    /// <param name="audit">The audit row.</param>
    /// <param name="request">What is remembered of the request, if it came with a key.</param>
    /// <returns>What became of it, once everything of it is committed.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public Task<PublishOutcome> PublishAsync(ApplicationMessage message, AuditRecorded? audit = null, RequestAnswered? request = null) =>
        WhenCommitted(() => router.PublishAsync(message, audit, request));

    /// <summary>Begins to look at messages as they pass, until the ring is disposed of.</summary>
    /// <param name="filter">A valid filter.</param>
    public TailRing<TailedMessage> WatchMessages(string filter) => router.Tail.Watch(TopicFilter.Parse(filter));

    /// <summary>The retained message of a topic, or null.</summary>
    public RetainedState? FindRetained(string topic) => retained.Find(topic);

    /// <summary>Retained messages whose topics begin with a text, in the order of their topics.</summary>
    /// <param name="prefix">The text; empty for all.</param>
    /// <param name="after">The topic to begin behind, or null.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<RetainedState> RetainedStartingWith(string prefix, string? after, int most) =>
        retained.Page(prefix.Length == 0 ? RetainedSelection.All : RetainedSelection.StartingWith(prefix), after, most);

    /// <summary>Retained messages that match a filter, in the order of their topics.</summary>
    /// <param name="filter">A valid filter.</param>
    /// <param name="after">The topic to begin behind, or null.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<RetainedState> RetainedMatching(string filter, string? after, int most) =>
        retained.Page(RetainedSelection.Matching(TopicFilter.Parse(filter)), after, most);

    /// <summary>How many retained messages match a filter.</summary>
    public RetainedCount CountRetained(string filter) => retained.CountOf(RetainedSelection.Matching(TopicFilter.Parse(filter)), SampledTopics);

    /// <summary>The levels of retained topics below a topic, in order.</summary>
    /// <param name="parent">The topic; empty for the first levels.</param>
    /// <param name="after">The level to begin behind, or null.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<RetainedLevel> RetainedLevels(string parent, string? after, int most) => retained.Levels(parent, after, most);

    /// <summary>Clears the retained message of a topic; subscribers are not told.</summary>
    /// <returns>Whether there was one, once that is committed.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public async Task<bool> ClearRetainedAsync(string topic, AuditRecorded? audit) =>
        FindRetained(topic) is { } found && await WhenCommitted(() => router.ClearAsync([found.Message], audit)).ConfigureAwait(false) == 1;

    /// <summary>Clears the retained messages that match a filter, some hundred at a time; subscribers are not told.</summary>
    /// <param name="filter">A valid filter.</param>
    /// <param name="audit">The audit row, committed with the first of them.</param>
    /// <param name="progress">Told how many went so far.</param>
    /// <param name="cancellation">Ends it; what went is gone.</param>
    /// <returns>How many went.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public async Task<long> ClearRetainedAsync(string filter, AuditRecorded? audit, Action<long> progress, CancellationToken cancellation)
    {
        long cleared = 0;
        var selection = RetainedSelection.Matching(TopicFilter.Parse(filter));
        for (string? after = null; ;)
        {
            var page = retained.Page(selection, after, FoundAtOnce);
            if (page.Count == 0) return cleared;
            foreach (var some in page.Chunk(ClearedAtOnce))
            {
                cancellation.ThrowIfCancellationRequested();
                int now = await WhenCommitted(() => router.ClearAsync([.. some.Select(one => one.Message)], audit)).ConfigureAwait(false);
                if (now > 0) audit = null;
                cleared += now;
                progress(cleared);
            }
            after = page[^1].Message.TopicText;
        }
    }
}
