using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Web.Operations.Clients;
using Broker.Web.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations.Messages;

/// <summary>
/// The retained messages. Which ones are meant is found in the broker's own tree of topics, in order, at a cost that does not depend on how many there are; what they hold is
/// read from the store.
/// </summary>
internal sealed class RetainedQueries(MqttBroker broker, IDbContextFactory<BrokerDbContext> tables)
{
    /// <summary>A page of messages by topic, with the beginning of their payloads.</summary>
    /// <param name="prefix">What the topic begins with, or null.</param>
    /// <param name="filter">The topic filter that it matches, or null.</param>
    /// <param name="cursor">Where it goes on.</param>
    /// <param name="limit">How many.</param>
    public async Task<Page<RetainedView>> ListAsync(string? prefix, string? filter, string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        string? after = Cursor.Parts(cursor, 1)?[0];
        if (!string.IsNullOrEmpty(filter)) SubscriptionQueries.RequireFilter(filter, "filter");
        var found = string.IsNullOrEmpty(filter) ? broker.RetainedStartingWith(prefix ?? "", after, most + 1) : broker.RetainedMatching(filter, after, most + 1);
        var page = Cursor.PageOf(found, most, one => Cursor.Of(one.Message.TopicText));
        var rows = await ReadAsync([.. page.Items.Select(one => one.Number)], PayloadView.PreviewBytes);
        return new Page<RetainedView>([.. page.Items.Select(one => View(one, rows.GetValueOrDefault(one.Number), PayloadView.PreviewBytes))], page.NextCursor);
    }

    /// <summary>The message of a topic, whole; null if it keeps none.</summary>
    public async Task<RetainedView?> FindAsync(string topic)
    {
        if (broker.FindRetained(topic) is not { } found) return null;
        var rows = await ReadAsync([found.Number], int.MaxValue);
        return View(found, rows.GetValueOrDefault(found.Number), int.MaxValue);
    }

    /// <summary>How many messages match a filter.</summary>
    /// <exception cref="InvalidInputException">It is not a filter.</exception>
    public DeletionPreview Preview(string filter)
    {
        SubscriptionQueries.RequireFilter(filter, "filter");
        var (count, sample) = broker.CountRetained(filter);
        return new DeletionPreview(count, sample);
    }

    /// <summary>A page of the levels of topics below a topic.</summary>
    /// <param name="prefix">The topic, without a slash at its end; empty or null for the first levels.</param>
    /// <param name="cursor">Where it goes on.</param>
    /// <param name="limit">How many.</param>
    public Page<TopicLevelView> Levels(string? prefix, string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        string parent = prefix ?? "";
        var levels = broker.RetainedLevels(parent, Cursor.Parts(cursor, 1)?[0], most + 1);
        var page = Cursor.PageOf(levels, most, level => Cursor.Of(level.Level));
        return new Page<TopicLevelView>(
            [.. page.Items.Select(level => new TopicLevelView(
                level.Level, parent.Length == 0 ? level.Level : $"{parent}/{level.Level}", level.HasMessage, level.HasChildren, level.Messages, level.Messages == RetainedLevel.MostCounted))],
            page.NextCursor);
    }

    private Task<Dictionary<long, Row>> ReadAsync(long[] numbers, int payloadBytes) => StoreFailures.ReadAsync(async () =>
    {
        if (numbers.Length == 0) return [];
        await using var context = await tables.CreateDbContextAsync();
        var rows = context.Database.SqlQuery<Row>($"""
            SELECT number AS "Number", stored_at AS "StoredAt", payload_length AS "Length", substr(payload, 1, {payloadBytes}) AS "Payload" FROM retained_messages
            """);
        return await rows.Where(row => numbers.Contains(row.Number)).ToDictionaryAsync(row => row.Number);
    });

    // A message that was replaced a moment ago may not be in the store yet: then what is in memory is the newer one.
    private static RetainedView View(RetainedState found, Row? row, int payloadBytes)
    {
        var message = found.Message;
        return new RetainedView
        {
            Topic = message.TopicText,
            QoS = (int)message.QoS,
            Publisher = message.Publisher,
            StoredAt = row is null ? null : DateTime.SpecifyKind(row.StoredAt, DateTimeKind.Utc),
            ExpiresAt = message.ExpiresAt == ApplicationMessage.Never ? null : DateTimeOffset.FromUnixTimeMilliseconds(message.ExpiresAt).UtcDateTime,
            Payload = row is not null && message.Payload.Length < found.PayloadLength ? new PayloadView(row.Length, row.Payload)
                : new PayloadView(found.PayloadLength, message.Payload[..Math.Min(payloadBytes, message.Payload.Length)].ToArray()),
            Properties = MessagePropertiesView.Of(message.Properties.ToArray()),
        };
    }

    private sealed class Row
    {
        public long Number { get; set; }

        public DateTime StoredAt { get; set; }

        public int Length { get; set; }

        public required byte[] Payload { get; set; }
    }
}
