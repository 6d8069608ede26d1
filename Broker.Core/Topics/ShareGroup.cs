using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>The members of one shared subscription: of the same ShareName and filter (MQTT 5, section 4.8.2). Each message goes to one of them.</summary>
public sealed class ShareGroup<TSubscriber> where TSubscriber : class
{
    private uint turn;
    private Found? found;

    internal ShareGroup(TopicFilter filter) => (Name, Filter) = (filter.ShareName!, filter.Text);

    /// <summary>The ShareName.</summary>
    public string Name { get; }

    /// <summary>The whole filter, with <c>$share</c>.</summary>
    public string Filter { get; }

    internal SubscriptionList<TSubscriber> Members { get; } = new();

    /// <summary>A member that has a quality which it keeps as long as it is a member.</summary>
    /// <param name="quality">Asks for it; always the same question.</param>
    /// <param name="version">The tree's version: while it stays, so does the answer.</param>
    internal Subscription<TSubscriber>? Find(Func<TSubscriber, bool> quality, long version)
    {
        if (found is { } last && last.Version == version) return last.Member;
        Subscription<TSubscriber>? member = null;
        foreach (var one in Members.Items)
        {
            if (one is null || !quality(one.Subscriber)) continue;
            member = one;
            break;
        }
        found = new Found(version, member);
        return member;
    }

    /// <summary>
    /// Offers the group's next message to its members in turn until one takes it. The first round asks those that can take it at once, the second those
    /// that can keep it.
    /// </summary>
    /// <param name="offer">Tries to give it to a member; the flag says that the member may keep it for later.</param>
    /// <param name="state">Passed on to <paramref name="offer"/>.</param>
    /// <returns>Whether a member took it.</returns>
    public bool Offer<TState>(ref TState state, OfferTo<TState, TSubscriber> offer) where TState : allows ref struct
    {
        var members = Members.Items;
        if (members.IsEmpty) return false;
        uint first = (Interlocked.Increment(ref turn) - 1) % (uint)members.Length;
        foreach (bool mayKeep in (ReadOnlySpan<bool>)[false, true])
        {
            for (uint i = 0; i < members.Length; i++)
            {
                if (members[(int)((first + i) % (uint)members.Length)] is { } member && offer(ref state, member, mayKeep)) return true;
            }
        }
        return false;
    }

    private sealed record Found(long Version, Subscription<TSubscriber>? Member);
}

/// <summary>Tries to give a message to a member of a share group.</summary>
public delegate bool OfferTo<TState, TSubscriber>(ref TState state, Subscription<TSubscriber> member, bool mayKeep)
    where TState : allows ref struct where TSubscriber : class;
