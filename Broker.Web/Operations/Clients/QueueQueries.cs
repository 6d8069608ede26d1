using System.Globalization;
using Broker.Core;
using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Web.Operations.Messages;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Batches;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations.Clients;

/// <summary>What waits for a client, in order: first what is in memory, then the rest, which lies in the store.</summary>
internal sealed class QueueQueries(MqttBroker broker, IDbContextFactory<BrokerDbContext> tables)
{
    private const int Identifiers = 65_535, Sampled = 10;

    /// <summary>A page of a client's queue, in flight or waiting; null if it has no session.</summary>
    public async Task<Page<QueuedMessageView>?> ListAsync(string clientId, string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        long after = Cursor.Number(cursor) ?? 0;
        if (broker.FindSession(clientId) is not { } session) return null;
        var (inMemory, restFrom) = broker.QueueBehind(clientId, after, most + 1);
        var found = inMemory.Select(View).ToList();
        if (session.IsStored && found.Count <= most) found.AddRange(await ReadAsync(session, Math.Max(after, restFrom - 1), long.MaxValue, most + 1 - found.Count));
        return Cursor.PageOf(found, most, message => Cursor.Of(message.Sequence.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>A page of what was sent to a client and is not acknowledged; null if it has no session.</summary>
    public async Task<Page<QueuedMessageView>?> InFlightAsync(string clientId, string? cursor, int? limit)
    {
        int most = Cursor.Limit(limit);
        long after = Cursor.Number(cursor) ?? 0;
        if (broker.FindSession(clientId) is not { } session) return null;
        var (inMemory, restFrom) = broker.QueueBehind(clientId, after, Identifiers);
        var found = inMemory.Where(message => message.State != QueuedState.Waiting).Take(most + 1).Select(View).ToList();
        if (session.IsStored && found.Count <= most) found.AddRange(await ReadAsync(session, Math.Max(after, restFrom - 1), session.HighestSent, most + 1 - found.Count));
        return Cursor.PageOf(found, most, message => Cursor.Of(message.Sequence.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>How many messages wait, and the topics of the first; null if it has no session.</summary>
    public async Task<DeletionPreview?> PreviewAsync(string clientId)
    {
        if (broker.FindSession(clientId) is not { } session || await ListAsync(clientId, null, Sampled) is not { } first) return null;
        return new DeletionPreview(session.Queued - session.InFlight, [.. first.Items.Where(message => message.State == Word(QueuedState.Waiting)).Select(message => message.Topic ?? "")]);
    }

    private Task<List<QueuedMessageView>> ReadAsync(SessionState session, long after, long upTo, int most) => StoreFailures.ReadAsync(async () =>
    {
        if (upTo <= after) return new List<QueuedMessageView>();
        await using var context = await tables.CreateDbContextAsync();
        var rows = await context.Database.SqlQuery<Row>($"""
            SELECT sequence AS "Sequence", topic AS "Topic", qos AS "Qos", retain AS "Retain", released AS "Released", share_filter AS "ShareFilter", publisher AS "Publisher",
                   expires_at AS "ExpiresAt", length(payload) AS "Length", substr(payload, 1, {PayloadView.PreviewBytes}) AS "Payload"
            FROM queued_messages WHERE session_key = {session.Key} AND run_sequence > {after} AND run_sequence < {EntryRun.KeysEnd(upTo)} AND sequence > {after} AND sequence <= {upTo} ORDER BY run_sequence, sequence LIMIT {most}
            """).ToListAsync();
        return rows.ConvertAll(row => new QueuedMessageView
        {
            Sequence = row.Sequence,
            PacketIdentifier = (int)(1 + (row.Sequence - 1) % Identifiers),
            State = Word(row.Released ? QueuedState.Released : row.Sequence <= session.HighestSent ? QueuedState.Sent : QueuedState.Waiting),
            Topic = row.Topic,
            QoS = row.Qos,
            Retain = row.Retain,
            ShareFilter = row.ShareFilter,
            Publisher = row.Publisher,
            ExpiresAt = row.ExpiresAt is { } at ? DateTime.SpecifyKind(at, DateTimeKind.Utc) : null,
            Payload = new PayloadView(row.Length, row.Payload),
        });
    });

    private static QueuedMessageView View(QueuedMessage queued) => new()
    {
        Sequence = queued.Sequence,
        PacketIdentifier = queued.PacketIdentifier,
        State = Word(queued.State),
        Topic = queued.Message?.TopicText,
        QoS = (int)queued.QoS,
        Retain = queued.Retain,
        ShareFilter = queued.ShareFilter,
        Publisher = queued.Message?.Publisher,
        ExpiresAt = queued.Message is null or { ExpiresAt: ApplicationMessage.Never } ? null : DateTimeOffset.FromUnixTimeMilliseconds(queued.Message.ExpiresAt).UtcDateTime,
        Payload = queued.Message is null ? null : PayloadView.Preview(queued.Message.Payload),
    };

    private static string Word(QueuedState state) => state.ToString().ToLowerInvariant();

    private sealed class Row
    {
        public long Sequence { get; set; }

        public required string Topic { get; set; }

        public byte Qos { get; set; }

        public bool Retain { get; set; }

        public bool Released { get; set; }

        public string? ShareFilter { get; set; }

        public string? Publisher { get; set; }

        public DateTime? ExpiresAt { get; set; }

        public int Length { get; set; }

        public required byte[] Payload { get; set; }
    }
}
