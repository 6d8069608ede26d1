using System.Diagnostics.CodeAnalysis;
using Broker.Core.Topics;

namespace Broker.Core.Sessions;

/// <summary>The subscriptions of one session, by their whole filters. Most sessions have few, which stand in an array: a million of them need no table each.</summary>
internal struct SubscriptionSet
{
    private const int Few = 8;

    private Subscription<Session>[]? few;
    private Dictionary<string, Subscription<Session>>? many;
    private int count;

    public readonly int Count => many?.Count ?? count;

    /// <summary>All of them, in an array that nobody changes.</summary>
    public readonly Subscription<Session>[] ToArray() => many is not null ? [.. many.Values] : few.AsSpan(0, count).ToArray();

    public readonly bool TryGet(string filter, [NotNullWhen(true)] out Subscription<Session>? subscription)
    {
        if (many is not null) return many.TryGetValue(filter, out subscription);
        int place = PlaceOf(filter);
        subscription = place < 0 ? null : few![place];
        return subscription is not null;
    }

    /// <summary>Adds one, or puts it in the place of another of the same filter.</summary>
    public void Put(Subscription<Session> subscription)
    {
        int place = many is null ? PlaceOf(subscription.Filter.Text) : -1;
        if (place >= 0)
        {
            few![place] = subscription;
            return;
        }
        if (many is null && count == Few)
        {
            many = ToArray().ToDictionary(one => one.Filter.Text, StringComparer.Ordinal);
            (few, count) = (null, 0);
        }
        if (many is not null)
        {
            many[subscription.Filter.Text] = subscription;
            return;
        }
        if (few is null || count == few.Length) Array.Resize(ref few, Math.Max(1, count * 2));
        few[count++] = subscription;
    }

    public bool Remove(string filter, [NotNullWhen(true)] out Subscription<Session>? subscription)
    {
        if (many is not null) return many.Remove(filter, out subscription);
        int place = PlaceOf(filter);
        subscription = place < 0 ? null : few![place];
        if (subscription is null) return false;
        few![place] = few[--count];
        few[count] = null!;
        return true;
    }

    public void Clear() => this = default;

    private readonly int PlaceOf(string filter)
    {
        for (int i = 0; i < count; i++)
            if (few![i].Filter.Text == filter) return i;
        return -1;
    }
}
