using System.Text;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <content>What operators look at: page by page in the order of topics, level by level, counted.</content>
public sealed partial class RetainedMessages
{
    /// <summary>The next messages in the order of their topics.</summary>
    internal List<RetainedState> Page(RetainedSelection selection, string? after, int most)
    {
        var page = new List<RetainedState>();
        var walk = new RetainedWalk(root, selection, after);
        while (page.Count < most && walk.TryNext(out var topic, out var message)) page.Add(StateOf(topic, message));
        return page;
    }

    /// <summary>The retained message of a topic, or null.</summary>
    public RetainedState? Find(string topic) =>
        Find(Encoding.UTF8.GetBytes(topic)) is { Message: { } message } node ? StateOf(node, message) : null;

    /// <summary>How many are meant, and the topics of the first ones that are met.</summary>
    internal RetainedCount CountOf(RetainedSelection selection, int sample)
    {
        long found = 0;
        var topics = new List<string>(sample);
        foreach (var (_, message) in Unordered(root, selection, 0))
        {
            found++;
            if (topics.Count < sample) topics.Add(message.TopicText);
        }
        return new RetainedCount(found, topics);
    }

    /// <summary>The levels below a topic, in order, from behind one of them on.</summary>
    /// <param name="parent">The topic; empty for the first levels.</param>
    /// <param name="after">The level to begin behind, or null.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<RetainedLevel> Levels(string parent, string? after, int most)
    {
        if ((parent.Length == 0 ? root : Find(Encoding.UTF8.GetBytes(parent))) is not { } node) return [];
        byte[]? from = after is null ? null : Encoding.UTF8.GetBytes(after);
        var below = node.Children.Where(child => child is { IsRemoved: false } && (from is null || child.Level.SequenceCompareTo(from) > 0)).Select(child => child!);
        return [.. below.Order(Comparer<RetainedTopic>.Create(static (a, b) => a.Level.SequenceCompareTo(b.Level))).Take(most).Select(LevelOf)];
    }

    private static RetainedLevel LevelOf(RetainedTopic topic)
    {
        int messages = Unordered(topic, RetainedSelection.All, 1).Take(RetainedLevel.MostCounted).Count() + (topic.Message is null ? 0 : 1);
        return new RetainedLevel(Encoding.UTF8.GetString(topic.Level), topic.Message is not null, topic.HasChildren, Math.Min(messages, RetainedLevel.MostCounted));
    }

    private static RetainedState StateOf(RetainedTopic topic, ApplicationMessage message) =>
        new(topic.Number, message, message.Payload.Length + message.MissingPayload);

    private static IEnumerable<(RetainedTopic Topic, ApplicationMessage Message)> Unordered(RetainedTopic from, RetainedSelection selection, int depth)
    {
        var open = new Stack<(RetainedTopic Node, int Depth)>();
        open.Push((from, depth));
        while (open.TryPop(out var step))
        {
            foreach (var child in selection.Children(step.Node, step.Depth))
            {
                if (selection.Means(step.Depth + 1) && child.Message is { } message) yield return (child, message);
                if (child.HasChildren) open.Push((child, step.Depth + 1));
            }
        }
    }
}
