using System.Runtime.CompilerServices;
using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Web.Operations.Clients;
using Broker.Web.Persistence.History;

namespace Broker.Web.Operations.Messages;

/// <summary>A message that passed.</summary>
/// <param name="At">When.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="QoS">The QoS that it was published with.</param>
/// <param name="Retain">Whether it was published with RETAIN.</param>
/// <param name="Publisher">The client that published it; null if it came from the broker or through the API.</param>
/// <param name="Payload">The payload, of a long one the beginning.</param>
/// <param name="Properties">The properties of MQTT 5.</param>
public sealed record TailMessageView(DateTime At, string Topic, int QoS, bool Retain, string? Publisher, PayloadView Payload, MessagePropertiesView Properties);

/// <summary>What gathered since the last look.</summary>
/// <param name="Items">What there is to see.</param>
/// <param name="Skipped">How much passed meanwhile and is left out, as it came faster than anybody looks.</param>
public sealed record TailBatch<T>(IReadOnlyList<T> Items, long Skipped);

/// <summary>
/// Messages and events as they pass, for onlookers: four looks a second, each at some hundred of them at most. What is beyond is left out and counted, so that an onlooker never slows
/// anybody down.
/// </summary>
internal sealed class LiveTail(MqttBroker broker, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Messages whose topics match a filter, until it is cancelled. Looks at which there was nothing to see come too, empty.</summary>
    /// <exception cref="InvalidInputException">It is not a filter, or a shared one.</exception>
    public IAsyncEnumerable<TailBatch<TailMessageView>> MessagesAsync(string filter, CancellationToken cancellation)
    {
        SubscriptionQueries.RequireFilter(filter, "filter");
        if (filter.StartsWith("$share/", StringComparison.Ordinal)) throw new InvalidInputException("filter", "a shared filter shows nothing here");
        return FollowAsync(broker.WatchMessages(filter), View, cancellation);
    }

    /// <summary>What happens to clients, until it is cancelled.</summary>
    public IAsyncEnumerable<TailBatch<TimelineEvent>> EventsAsync(CancellationToken cancellation) => FollowAsync(broker.WatchEvents(), View, cancellation);

    private async IAsyncEnumerable<TailBatch<TView>> FollowAsync<T, TView>(TailRing<T> ring, Func<T, TView> view, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using (ring)
        {
            using var looks = new PeriodicTimer(Look, time);
            while (!cancellation.IsCancellationRequested)
            {
                var (items, skipped) = ring.Take();
                yield return new TailBatch<TView>([.. items.Select(view)], skipped);
                try
                {
                    await looks.WaitForNextTickAsync(cancellation);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }
            }
        }
    }

    private static TailMessageView View(TailedMessage passed) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(passed.At).UtcDateTime, passed.Message.TopicText, (int)passed.Message.QoS, passed.Message.Retain, passed.Message.Publisher,
        new PayloadView(passed.PayloadLength, passed.Message.Payload.ToArray()), MessagePropertiesView.Of(passed.Message.Properties.ToArray()));

    // An event that is not written yet has no number.
    private static TimelineEvent View((DateTimeOffset At, ClientEvent Happened) passed) => EventWords.Of(HistoryRows.Event(0, passed.At.UtcDateTime, passed.Happened));
}
