using Broker.Core.Diagnostics;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Core.Storage;

namespace Broker.Core.Routing;

/// <content>What operators publish and clear. Each comes with the audit row that is committed with it.</content>
public sealed partial class MessageRouter
{
    /// <summary>Publishes a message of nobody's connection.</summary>
    /// <returns>What became of it, once everything of it is committed.</returns>
    internal async Task<PublishOutcome> PublishAsync(ApplicationMessage message, AuditRecorded? audit, RequestAnswered? request)
    {
        var outcome = Publish(message, audit, request, out var commit);
        await commit.ConfigureAwait(false);
        return outcome;
    }

    /// <summary>Clears the retained messages of topics; subscribers are not told, as they would be by an empty message.</summary>
    /// <returns>How many there were, once that is committed.</returns>
    internal async Task<int> ClearAsync(IReadOnlyList<ApplicationMessage> messages, AuditRecorded? audit)
    {
        int cleared = 0;
        var commits = new List<Task>();
        foreach (var message in messages)
        {
            if (Clear(message.Topic, audit, out var commit)) cleared++;
            else continue;
            commits.Add(commit);
            audit = null;
        }
        await Task.WhenAll(commits).ConfigureAwait(false);
        return cleared;
    }

    private PublishOutcome Publish(ApplicationMessage message, AuditRecorded? audit, RequestAnswered? request, out Task commit)
    {
        var delivery = Delivery.Rent(time);
        var cache = CreateCache();
        var order = OrderOf(message.Topic, message.Retain);
        order?.Enter();
        try
        {
            var reason = Route(message.AsPublication(), cache, delivery);
            var unit = delivery.TakeUnit();
            bool isPersisted = unit?.Changes.Count > 0 && journal.IsDurable;
            var outcome = new PublishOutcome(reason, reason.IsError() ? 0 : cache.Find(message.Topic).Count, isPersisted);
            if (audit is not null) (unit ??= new()).Changes.Add(audit);
            if (request is not null && !reason.IsError()) (unit ??= new()).Changes.Add(request with { Matched = outcome.Matched, IsPersisted = isPersisted });
            commit = unit is null ? Task.CompletedTask : journal.CommitAsync(unit);
            return outcome;
        }
        finally
        {
            order?.Exit();
            delivery.Return();
        }
    }

    private bool Clear(ReadOnlySpan<byte> topic, AuditRecorded? audit, out Task commit)
    {
        commit = Task.CompletedTask;
        var order = OrderOf(topic, retain: true);
        order?.Enter();
        try
        {
            if (!retained.Clear(topic, out long number)) return false;
            var unit = new JournalUnit();
            unit.Changes.Add(new RetainedCleared(number));
            if (audit is not null) unit.Changes.Add(audit);
            commit = journal.CommitAsync(unit);
            return true;
        }
        finally
        {
            order?.Exit();
        }
    }
}
