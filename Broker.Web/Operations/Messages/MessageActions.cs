using System.Globalization;
using System.Text;
using Broker.Core;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Broker.Web.Operations.Clients;
using Broker.Web.Operations.Work;
using Broker.Web.Security;

namespace Broker.Web.Operations.Messages;

/// <summary>What is published and cleared on somebody's word. Each change has its row in the audit, committed together with it.</summary>
internal sealed class MessageActions(MqttBroker broker, RetainedQueries retained, Changes changes, Jobs jobs, IdempotencyKeys keys, TimeProvider time)
{
    private const int LongestText = 65_535;

    /// <summary>Publishes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="request">The request that it came with, if that has a key.</param>
    /// <returns>What became of it, once everything of it is committed.</returns>
    /// <exception cref="InvalidInputException">Something in it is not allowed.</exception>
    /// <exception cref="LimitReachedException">A limit of the broker.</exception>
    public async Task<PublishResult> PublishAsync(PublishMessage message, Actor by, KeyedRequest? request = null) => (await PublishAsync([message], by, request, _ => ""))[0];

    /// <summary>Publishes messages in their order. All are checked before the first is published; one that the same request has published before is not published again.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="by">Who asks for them.</param>
    /// <param name="request">The request that they came with, if that has a key.</param>
    /// <exception cref="InvalidInputException">Something in one of them is not allowed.</exception>
    /// <exception cref="LimitReachedException">A limit of the broker; those before are published.</exception>
    public Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<PublishMessage> messages, Actor by, KeyedRequest? request) =>
        PublishAsync(messages, by, request, i => string.Create(CultureInfo.InvariantCulture, $"messages[{i}]."));

    /// <summary>Clears the retained message of a topic; subscribers are not told.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<bool> ClearRetainedAsync(string topic, Actor by) =>
        changes.MakeAsync(by, "retained message deleted", topic, null, record => broker.ClearRetainedAsync(topic, record));

    /// <summary>Clears the retained messages that match a filter, as a job; subscribers are not told.</summary>
    /// <exception cref="InvalidInputException">It is not a filter.</exception>
    public Job ClearRetained(string filter, Actor by)
    {
        long count = retained.Preview(filter).Count;
        string about = string.Create(CultureInfo.InvariantCulture, $"about {count} messages");
        return jobs.Start("delete retained messages", filter, count, by, job =>
            changes.MakeAsync(by, "retained messages deleted", filter, about, record => broker.ClearRetainedAsync(filter, record, job.Report, job.Cancellation)));
    }

    private async Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<PublishMessage> messages, Actor by, KeyedRequest? request, Func<int, string> at)
    {
        for (int i = 0; i < messages.Count; i++) Check(messages[i], at(i));
        if (request is not null) await broker.FlushAsync(); // what an earlier try has begun is decided first
        var answers = request is null ? [] : await keys.AnswersAsync(request, messages.Count);
        var results = new List<PublishResult>(messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            if (request is not null && answers.TryGetValue(request.KeyOf(i), out var answer)) results.Add(new PublishResult(messages[i].Topic, answer.Matched, answer.Persisted));
            else results.Add(await PublishAsync(messages[i], by, request is null ? null : keys.Record(request, i)));
        }
        return results;
    }

    private async Task<PublishResult> PublishAsync(PublishMessage message, Actor by, RequestAnswered? answered)
    {
        string about = string.Create(CultureInfo.InvariantCulture, $"{message.Payload.Length} bytes, QoS {message.QoS}{(message.Retain ? ", retained" : "")}");
        var outcome = await changes.MakeAsync(by, "message published", message.Topic, about, record => broker.PublishAsync(Build(message), record, answered));
        if (outcome.Reason.IsError()) throw new LimitReachedException("a limit of the broker is reached: retained messages, or the queue of a subscriber");
        if (answered is not null) await keys.KeepAsync(answered with { Matched = outcome.Matched, IsPersisted = outcome.IsPersisted });
        return new PublishResult(message.Topic, outcome.Matched, outcome.IsPersisted);
    }

    private ApplicationMessage Build(PublishMessage message) => new(new Publication
    {
        Topic = Encoding.UTF8.GetBytes(message.Topic),
        Properties = message.Properties.Encode().Span,
        Payload = message.Payload,
        QoS = (QualityOfService)message.QoS,
        Retain = message.Retain,
        ExpiresAt = message.ExpiryInterval is { } seconds ? time.GetUtcNow().ToUnixTimeMilliseconds() + seconds * 1000 : ApplicationMessage.Never,
    });

    private void Check(PublishMessage message, string at)
    {
        var limits = broker.Options.Limits;
        SubscriptionQueries.RequireTopic(message.Topic, at + "topic");
        if (message.Topic.StartsWith('$')) throw new InvalidInputException(at + "topic", "topics that begin with $ are the broker's own");
        byte[] topic = Encoding.UTF8.GetBytes(message.Topic);
        if (topic.Length > limits.TopicBytes || TopicName.Levels(topic) > limits.TopicLevels) throw new InvalidInputException(at + "topic", "it is longer or deeper than the broker allows");
        if (message.QoS < 0 || message.QoS > (int)limits.MaximumQoS) throw new InvalidInputException(at + "qos", $"allowed is a number from 0 to {(int)limits.MaximumQoS}");
        if (message.Retain && !limits.RetainAvailable) throw new InvalidInputException(at + "retain", "retained messages are switched off");
        if (message.ExpiryInterval is < 0 or > uint.MaxValue) throw new InvalidInputException(at + "expiryInterval", "allowed is a number of seconds from 0 to 4294967295");
        if (message.Payload.Length > limits.MaximumPacketSize) throw new InvalidInputException(at + "payload", $"allowed are at most {limits.MaximumPacketSize} bytes");
        Check(message.Properties, at + "properties.");
    }

    private static void Check(MessagePropertiesView properties, string at)
    {
        RequireText(properties.ContentType, at + "contentType");
        RequireText(properties.ResponseTopic, at + "responseTopic");
        if (properties.ResponseTopic is { Length: > 0 } response) SubscriptionQueries.RequireTopic(response, at + "responseTopic");
        if (properties.CorrelationData?.Length > LongestText) throw new InvalidInputException(at + "correlationData", $"allowed are at most {LongestText} bytes");
        foreach (var (name, value) in properties.UserProperties)
        {
            RequireText(name, at + "userProperties");
            RequireText(value, at + "userProperties");
        }
    }

    private static void RequireText(string? text, string field)
    {
        if (text is not null && (Encoding.UTF8.GetByteCount(text) > LongestText || text.Contains('\0', StringComparison.Ordinal)))
            throw new InvalidInputException(field, $"allowed is a text of at most {LongestText} bytes without U+0000");
    }
}
