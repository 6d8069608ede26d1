using System.Threading.Channels;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Fuzz;

/// <summary>
/// Clients that have sent CONNECT under one name, and SUBSCRIBE, all at once. Each takes the session from the one before; what they receive is read, and nothing
/// acknowledged, until one is left.
/// </summary>
internal sealed class Fight
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource alone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ScriptedClient, Channel<string>> messages;
    private readonly HashSet<ScriptedClient> subscribed = [], ended = [];

    public Fight(IReadOnlyList<ScriptedClient> clients)
    {
        messages = clients.ToDictionary(client => client, _ => Channel.CreateUnbounded<string>());
        foreach (var client in clients) _ = FollowAsync(client);
    }

    /// <summary>
    /// Comes when all but one have ended and that one has its SUBACK. The last of the others may have ended a moment before that one has the session; what is
    /// published at QoS 0 in between reaches nobody.
    /// </summary>
    public Task Alone => alone.Task;

    /// <summary>The payloads of the next messages of the client that stayed; a message that was sent again counts each time.</summary>
    public async Task<string[]> LastReceivesAsync(int count)
    {
        var last = messages.Single(pair => !ended.Contains(pair.Key)).Value.Reader;
        var payloads = new string[count];
        for (int i = 0; i < count; i++) payloads[i] = await last.ReadAsync();
        return payloads;
    }

    private async Task FollowAsync(ScriptedClient client)
    {
        var received = messages[client].Writer;
        try
        {
            while (await client.NextOrEndAsync() is { } packet)
            {
                if (packet is Publish publish) received.TryWrite(publish.PayloadText());
                if (packet is SubAck) Count(subscribed, client);
            }
            Count(ended, client);
        }
        catch (ScriptException nothing)
        {
            alone.TrySetException(nothing);
            received.TryComplete(nothing);
        }
    }

    private void Count(HashSet<ScriptedClient> clients, ScriptedClient client)
    {
        lock (gate)
        {
            clients.Add(client);
            if (ended.Count == messages.Count - 1 && messages.Keys.Single(one => !ended.Contains(one)) is var last && subscribed.Contains(last)) alone.TrySetResult();
        }
    }
}
