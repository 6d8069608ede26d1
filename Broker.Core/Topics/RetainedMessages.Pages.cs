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
        var walk = new RetainedWalk(root, selection, after, most);
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
        Visit(root, 0, selection, message =>
        {
            found++;
            if (topics.Count < sample) topics.Add(message.TopicText);
            return true;
        });
        return new RetainedCount(found, topics);
    }

    /// <summary>The levels below a topic, in order, from behind one of them on.</summary>
    /// <param name="parent">The topic; empty for the first levels.</param>
    /// <param name="after">The level to begin behind, or null.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<RetainedLevel> Levels(string parent, string? after, int most)
    {
        if ((parent.Length == 0 ? root : Find(Encoding.UTF8.GetBytes(parent))) is not { } node) return [];
        byte[]? behind = after is null ? null : Encoding.UTF8.GetBytes(after);
        var children = new OrderedChildren(node, child => behind is null || child.Level.SequenceCompareTo(behind) > 0, null, most);
        var levels = new List<RetainedLevel>();
        while (levels.Count < most && children.TryNext(out var child)) levels.Add(LevelOf(child));
        return levels;
    }

    private static RetainedLevel LevelOf(RetainedTopic topic)
    {
        int messages = topic.Message is null ? 0 : 1;
        Visit(topic, 1, RetainedSelection.All, _ => ++messages < RetainedLevel.MostCounted);
        return new RetainedLevel(Encoding.UTF8.GetString(topic.Level), topic.Message is not null, topic.HasChildren, messages);
    }

    private static RetainedState StateOf(RetainedTopic topic, ApplicationMessage message) =>
        new(topic.Number, message, message.Payload.Length + message.MissingPayload);

    // In no order, until somebody has seen enough.
    private static void Visit(RetainedTopic from, int depth, RetainedSelection selection, Func<ApplicationMessage, bool> goesOn)
    {
        var open = new Stack<(RetainedTopic Node, int Depth)>();
        open.Push((from, depth));
        while (open.TryPop(out var step))
        {
            if (selection.NamesChild(step.Depth, out var name))
            {
                if (step.Node.Find(new LevelName(name)) is { } exact && !Meet(exact, step.Depth + 1)) return;
                continue;
            }
            foreach (var child in step.Node.Children)
                if (child is { IsRemoved: false } && selection.Passes(child, step.Depth) && !Meet(child, step.Depth + 1)) return;
        }

        bool Meet(RetainedTopic child, int at)
        {
            if (child.HasChildren) open.Push((child, at));
            return !selection.Means(at) || child.Message is not { } message || goesOn(message);
        }
    }
}
