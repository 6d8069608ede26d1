using System.Diagnostics;
using Broker.Bench.Clients;
using Broker.Core.Protocol;

namespace Broker.Tests.Load.Dashboard;

/// <summary>So many messages of QoS 0 each second from one client to another, on threads of their own, until it is disposed of.</summary>
internal sealed class PassingMessages : IDisposable
{
    private const string Topic = "passing/messages";
    private const int PayloadBytes = 64;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly LoadConnection publisher, subscriber;
    private readonly CancellationTokenSource ending = new();
    private readonly Task sending, receiving;

    private PassingMessages(int port, int rate)
    {
        var target = new Target { Port = port };
        subscriber = LoadConnection.Open(target, "passing-subscriber");
        subscriber.Subscribe(QualityOfService.AtMostOnce, Topic);
        publisher = LoadConnection.Open(target, "passing-publisher");
        byte[] message = new byte[1024];
        var encoded = new EncodedPublish(target.Version, Topic, PayloadBytes, QualityOfService.AtMostOnce);
        encoded.CopyTo(message, 0);
        message = message[..encoded.Length];
        receiving = Task.Run(ReceiveAsync);
        sending = Task.Run(() => SendAsync(message, rate));
    }

    /// <summary>Begins.</summary>
    public static PassingMessages Start(int port, int rate) => new(port, rate);

    /// <inheritdoc/>
    public void Dispose()
    {
        ending.Cancel();
        Task.WaitAll(sending, receiving);
        publisher.Dispose();
        subscriber.Dispose();
        ending.Dispose();
    }

    // As many as should have been sent by now.
    private async Task SendAsync(byte[] message, int rate)
    {
        using var steps = new PeriodicTimer(Step);
        long began = Stopwatch.GetTimestamp(), sent = 0;
        while (!ending.IsCancellationRequested)
        {
            long due = (long)(Stopwatch.GetElapsedTime(began).TotalSeconds * rate);
            byte[] packets = new byte[(due - sent) * message.Length];
            for (int at = 0; at < packets.Length; at += message.Length) message.CopyTo(packets, at);
            publisher.Send(packets);
            sent = due;
            await steps.WaitForNextTickAsync();
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                await subscriber.ReceiveAsync(ending.Token);
                while (subscriber.TryTake(out _, out _))
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }
}
