using Broker.Core.Protocol;

namespace Broker.Core.Topics;

/// <summary>A subscriber's wish for the messages of a topic filter. Immutable: to change it is to replace it, so that no message falls in between.</summary>
public sealed class Subscription<TSubscriber>(TSubscriber subscriber, TopicFilter filter, SubscriptionOptions options, uint identifier)
    where TSubscriber : class
{
    /// <summary>Who subscribed.</summary>
    public TSubscriber Subscriber => subscriber;

    /// <summary>To what.</summary>
    public TopicFilter Filter => filter;

    /// <summary>How; the QoS is the one granted.</summary>
    public SubscriptionOptions Options => options;

    /// <summary>Subscription Identifier, or 0 if there is none.</summary>
    public uint Identifier => identifier;

    /// <summary>Its number among those of its subscriber, kept when it is replaced.</summary>
    public int Number { get; internal set; }

    /// <summary>Where it lies in its list; belongs to the tree's writer.</summary>
    internal int Slot { get; set; }
}

/// <summary>
/// The subscriptions at one node. Appended in place, so that a hundred thousand subscribers of one topic cost no copy each; removal leaves a hole.
/// One writer under the tree's lock, any number of readers without.
/// </summary>
internal sealed class SubscriptionList<TSubscriber> where TSubscriber : class
{
    private Subscription<TSubscriber>?[] items = new Subscription<TSubscriber>?[1];
    private int count;

    public int Live { get; private set; }

    /// <summary>The subscriptions at this moment; entries may be null. The array never shrinks in place, and a slot is filled before it is counted.</summary>
    public ReadOnlySpan<Subscription<TSubscriber>?> Items
    {
        get
        {
            int seen = Volatile.Read(ref count);
            var array = Volatile.Read(ref items);
            return array.AsSpan(0, Math.Min(seen, array.Length));
        }
    }

    public void Add(Subscription<TSubscriber> subscription)
    {
        if (count == items.Length) Pack();
        subscription.Slot = count;
        items[count] = subscription;
        Volatile.Write(ref count, count + 1);
        Live++;
    }

    public void Replace(Subscription<TSubscriber> old, Subscription<TSubscriber> replacement)
    {
        replacement.Slot = old.Slot;
        Volatile.Write(ref items[old.Slot], replacement);
    }

    public void Remove(Subscription<TSubscriber> subscription)
    {
        Volatile.Write(ref items[subscription.Slot], null);
        Live--;
        if (Live * 4 < count) Pack();
    }

    // What is alive moves into an array of its own: readers of the old one are not disturbed.
    private void Pack()
    {
        var packed = new Subscription<TSubscriber>?[Math.Max(2, Live * 2)];
        int next = 0;
        foreach (var subscription in items)
        {
            if (subscription is null) continue;
            subscription.Slot = next;
            packed[next++] = subscription;
        }
        Volatile.Write(ref items, packed);
        Volatile.Write(ref count, next);
    }
}
