using System.Runtime.InteropServices;

namespace Broker.Web.Security.Users;

/// <summary>
/// Work that takes long, on threads of its own that give way to all others. Each lane gets its turn, however much waits in another; when too much waits, the longest lane
/// loses what came last.
/// </summary>
/// <param name="threads">How many threads.</param>
/// <param name="most">How much may wait.</param>
internal sealed partial class FairQueue(int threads, int most) : IDisposable
{
    private const int ThisThread = 0, Nice = 3; // half the share of another thread: with less, a busy machine would keep a client waiting for many seconds

    private readonly Dictionary<string, LinkedList<Work>> lanes = new(StringComparer.Ordinal);
    private readonly Queue<string> turns = new();
    private int waiting, running;
    private bool ended;

    /// <summary>How much waits.</summary>
    public int Waiting
    {
        get { lock (lanes) return waiting; }
    }

    /// <summary>Puts work at the end of a lane.</summary>
    /// <param name="lane">Whose work it is.</param>
    /// <param name="run">Does it; must not throw.</param>
    /// <param name="drop">Told instead, if too much waits, or the queue has ended.</param>
    public void Add(string lane, Action run, Action drop)
    {
        Action? dropped = null;
        lock (lanes)
        {
            if (ended) dropped = drop;
            else
            {
                if (!lanes.TryGetValue(lane, out var works))
                {
                    lanes.Add(lane, works = new LinkedList<Work>());
                    turns.Enqueue(lane);
                }
                works.AddLast(new Work(run, drop));
                if (++waiting > most) dropped = DropLast();
                if (running < threads) Start();
                Monitor.Pulse(lanes);
            }
        }
        dropped?.Invoke();
    }

    /// <summary>Drops what waits, and ends the threads.</summary>
    public void Dispose()
    {
        Work[] dropped;
        lock (lanes)
        {
            ended = true;
            dropped = [.. lanes.Values.SelectMany(works => works)];
            lanes.Clear();
            turns.Clear();
            waiting = 0;
            Monitor.PulseAll(lanes);
        }
        foreach (var work in dropped) work.Drop();
    }

    // A lane without work has no place in the turns, and is forgotten when its turn comes.
    private Action DropLast()
    {
        var longest = lanes.Values.MaxBy(works => works.Count)!;
        var last = longest.Last!.Value;
        longest.RemoveLast();
        waiting--;
        return last.Drop;
    }

    private void Start()
    {
        running++;
        new Thread(Run) { IsBackground = true, Name = "Passwords", Priority = ThreadPriority.BelowNormal }.Start();
    }

    private void Run()
    {
        if (OperatingSystem.IsLinux()) _ = SetPriority(ThisThread, ThisThread, Nice); // .NET passes no priority on to Linux, where each thread has its own
        while (Take() is { } work) work();
    }

    private Action? Take()
    {
        lock (lanes)
        {
            while (!ended)
            {
                if (turns.TryDequeue(out string? lane))
                {
                    var works = lanes[lane];
                    if (works.Count == 0)
                    {
                        lanes.Remove(lane);
                        continue;
                    }
                    var first = works.First!.Value;
                    works.RemoveFirst();
                    waiting--;
                    turns.Enqueue(lane);
                    return first.Run;
                }
                Monitor.Wait(lanes);
            }
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);

    private sealed record Work(Action Run, Action Drop);
}
