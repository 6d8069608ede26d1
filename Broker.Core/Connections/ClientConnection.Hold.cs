using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Core.Connections;

/// <content>
/// Publishes that need the store while it takes nothing: they are held as they came, and everything else that the client sends is dealt with, PINGREQ not
/// least, until as much is held as a connection may hold. Then it is not read any more, and its silence does not count.
/// </content>
internal sealed partial class ClientConnection
{
    private const int FewBytes = 64 * 1024, ManyBytes = 1024 * 1024, PerPacket = 64;

    private Queue<(byte First, byte[] Body)>? held;
    private volatile TaskCompletionSource? storeReady;
    private int heldBytes;

    private bool Holds => held is { Count: > 0 };

    private bool HoldsEnough => heldBytes >= (services.Journal.HoldsMuch ? FewBytes : ManyBytes);

    private void HandlePublish(byte first, ReadOnlyMemory<byte> body, Delivery delivery)
    {
        if (!Holds && Publishing.TryPublish(Publish.Read(first, body, version, Sender.Client), delivery)) return;
        (held ??= new()).Enqueue((first, body.ToArray())); // also one that does not need the store, behind one that does: they stay in order
        Count(body.Length + PerPacket);
        if (held.Count == 1) AskForStore();
    }

    private void PublishHeld(Delivery delivery)
    {
        if (!Holds || !services.Journal.IsAccepting) return;
        while (end is null && held!.TryPeek(out var packet))
        {
            if (!Publishing.TryPublish(Publish.Read(packet.First, packet.Body, version, Sender.Client), delivery))
            {
                AskForStore();
                return;
            }
            held.Dequeue();
            Count(-(packet.Body.Length + PerPacket));
        }
    }

    private void Count(int bytes)
    {
        heldBytes += bytes;
        services.Journal.Hold(bytes);
    }

    private void AskForStore()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        storeReady = ready;
        services.Journal.WhenAccepting(() =>
        {
            ready.TrySetResult();
            input.CancelPendingRead(); // the read loop begins with what is held
        });
    }

    private async Task WaitForStoreAsync()
    {
        timer.Suspend();
        var ready = storeReady!.Task;
        if (Volatile.Read(ref end) is null) await ready.ConfigureAwait(false); // whoever ends the connection from here on wakes it
        timer.Resume();
    }
}
