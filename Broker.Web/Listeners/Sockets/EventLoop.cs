using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Broker.Web.Listeners.Sockets;

/// <summary>
/// A thread that waits for many sockets at once and runs what waits for them itself: from a packet's arrival to the packets that it causes there is no other thread to
/// be woken. What runs here must not block. A round is what has come at once; little that is written in it is sent at its end.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int MostAtOnce = 64;

    private readonly Epoll epoll = new();
    private readonly ConcurrentQueue<IThreadPoolWorkItem> posted = new();
    private readonly Lock gate = new();
    private readonly Stack<int> free = new();
    private readonly List<LoopWriter> postponed = [];
    private readonly Thread thread;
    private volatile (LoopReader? Reader, LoopWriter? Writer)[] watched = new (LoopReader?, LoopWriter?)[64];
    private int used;
    private volatile bool stopped;

    public EventLoop(int number)
    {
        thread = new Thread(Run) { Name = $"MQTT loop {number}", IsBackground = true };
        thread.Start();
    }

    /// <summary>Tells a reader and a writer of their socket's changes.</summary>
    /// <returns>A number for <see cref="Forget"/>.</returns>
    public int Watch(Socket socket, LoopReader reader, LoopWriter writer)
    {
        int place;
        lock (gate)
        {
            if (!free.TryPop(out place)) place = used++;
            if (place == watched.Length)
            {
                var more = new (LoopReader?, LoopWriter?)[watched.Length * 2];
                watched.CopyTo(more, 0);
                watched = more;
            }
            watched[place] = (reader, writer);
        }
        epoll.Watch(socket.SafeHandle, (ulong)place);
        return place;
    }

    /// <summary>Tells nothing more. A change that was under way may be told to whoever comes next, who can bear that.</summary>
    public void Forget(int place)
    {
        lock (gate)
        {
            watched[place] = default;
            free.Push(place);
        }
    }

    /// <summary>Whether the caller runs here.</summary>
    public bool IsCurrent => Thread.CurrentThread == thread;

    /// <summary>Of what runs here: a writer has something to send at the end of the round. It may be told more than once.</summary>
    public void Postpone(LoopWriter writer) => postponed.Add(writer);

    /// <summary>Runs something here, soon, behind what is under way.</summary>
    public void Post(IThreadPoolWorkItem item)
    {
        posted.Enqueue(item);
        if (!IsCurrent) epoll.Wake();
    }

    /// <summary>Ends the thread; it may be asked for there.</summary>
    public void Dispose()
    {
        stopped = true;
        epoll.Wake();
        if (!IsCurrent) thread.Join();
        epoll.Dispose();
    }

    private void Run()
    {
        var changes = new Epoll.Change[MostAtOnce];
        while (!stopped)
        {
            int count = epoll.Wait(changes, forever: posted.IsEmpty);
            for (int i = 0; i < count; i++)
            {
                if (changes[i].Token == Epoll.Woken) continue;
                var (reader, writer) = watched[(int)changes[i].Token];
                if (changes[i].CanWrite) writer?.Tell();
                if (changes[i].CanRead) reader?.Tell(changes[i].IsEnding);
            }
            for (int due = posted.Count; due > 0 && posted.TryDequeue(out var item); due--) item.Execute();
            for (int i = 0; i < postponed.Count; i++) postponed[i].SendPostponed();
            postponed.Clear();
        }
    }
}

/// <summary>The event loops of the MQTT listeners, or none: then the sockets are those of the system's thread pool.</summary>
internal sealed class EventLoops(int count) : IDisposable
{
    private readonly EventLoop[] loops = [.. Enumerable.Range(1, Epoll.IsSupported ? count : 0).Select(number => new EventLoop(number))];
    private uint next;

    /// <summary>As many as there are by default: one for two processors.</summary>
    public static int Default => Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>The loop for another connection, or null if there is none.</summary>
    public EventLoop? Next() => loops.Length == 0 ? null : loops[Interlocked.Increment(ref next) % (uint)loops.Length];

    public void Dispose()
    {
        foreach (var loop in loops) loop.Dispose();
    }
}
