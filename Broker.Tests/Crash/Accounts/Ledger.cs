using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Broker.Tests.Crash.Accounts;

/// <summary>
/// The file of the books. A client appends what it is about to do before it does it, so that the harness, too, may be killed at any moment and go on: what is
/// written has left the process, and only the machine's own end could lose it. After each check that found nothing, the file is cut to what is still needed.
/// </summary>
internal sealed class Ledger : IDisposable
{
    private const long Magic = 0x31_4853_4152_43; // CRASH1
    private readonly Lock gate = new();
    private readonly string path;
    private readonly Cast cast;
    private SafeFileHandle file;
    private long end, lastTime;

    private Ledger(string path, Cast cast, bool resume)
    {
        this.path = path;
        this.cast = cast;
        Account = new Account(cast);
        file = File.OpenHandle(path, resume ? FileMode.Open : FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (resume) Replay();
        else Begin(Random.Shared.NextInt64());
    }

    /// <summary>Tells the messages of this run from those of any other.</summary>
    public long Run { get; private set; }

    /// <summary>The books. To be looked at through <see cref="Look{T}"/> while clients run.</summary>
    public Account Account { get; private set; }

    /// <summary>Begins a new ledger, or goes on with one.</summary>
    public static Ledger Open(string path, Cast cast, bool resume) => new(path, cast, resume);

    /// <summary>Writes records, and takes them into the books.</summary>
    public void Append(params ReadOnlySpan<LedgerRecord> records)
    {
        if (records.IsEmpty) return;
        lock (gate)
        {
            long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            if (now != lastTime)
            {
                lastTime = now;
                Write([new LedgerRecord(Told.Time, 0, 0, 0, 0, now)]);
            }
            Write(records);
            foreach (ref readonly var record in records) Account.Apply(record);
        }
    }

    /// <summary>Looks at the books while nobody writes.</summary>
    public T Look<T>(Func<Account, T> look)
    {
        lock (gate) return look(Account);
    }

    /// <summary>Adds what was found wrong from outside the books.</summary>
    public void Blame(Fault fault, string what)
    {
        lock (gate) Account.Verdict.Add(fault, $"{what} (cycle {Account.Cycle})");
    }

    /// <summary>Adds the messages that are missing.</summary>
    public void BlameMissing()
    {
        lock (gate)
        {
            foreach (var (receiver, stream, number) in Account.Missing())
                Account.Verdict.Add(stream.Kind == StreamKind.Will ? Fault.Will : Fault.Lost, $"{stream.Topic} {number} to {receiver.Name}", stream, number);
        }
    }

    /// <summary>Cuts the file to what is still needed, once everything was checked.</summary>
    public void Cut()
    {
        lock (gate)
        {
            var summary = Account.Summary();
            long run = Run;
            file.Dispose();
            string next = path + ".next";
            file = File.OpenHandle(next, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
            Begin(run);
            Write(CollectionsMarshal.AsSpan(summary.ToList()));
            File.Move(next, path, overwrite: true);
            Account = new Account(cast);
            foreach (var record in summary) Account.Apply(record);
        }
    }

    /// <summary>Every record that concerns a message, in words, with the cycle and the moment.</summary>
    public IReadOnlyList<string> Story(StreamRole stream, long number)
    {
        var story = new List<string>();
        long cycle = 0, time = 0;
        lock (gate)
        {
            foreach (var record in Read())
            {
                if (record.Kind == Told.Cycle) cycle = record.Number;
                if (record.Kind == Told.Time) time = record.Number;
                if (record.Stream != stream.Index || record.Number != number || record.Kind is Told.Cycle or Told.Time) continue;
                story.Add($"cycle {cycle} {DateTimeOffset.FromUnixTimeMilliseconds(time):HH:mm:ss.fff} {record.Kind} {cast.Clients[record.Client].Name} identifier {record.Identifier} {record.Details}");
            }
        }
        return story;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Begin(long run)
    {
        Run = run;
        RandomAccess.Write(file, MemoryMarshal.AsBytes((ReadOnlySpan<long>)[Magic, run]), 0);
        end = 2 * sizeof(long);
        lastTime = 0;
    }

    private void Write(ReadOnlySpan<LedgerRecord> records)
    {
        var bytes = MemoryMarshal.AsBytes(records);
        RandomAccess.Write(file, bytes, end);
        end += bytes.Length;
    }

    private void Replay()
    {
        var head = new long[2];
        RandomAccess.Read(file, MemoryMarshal.AsBytes(head.AsSpan()), 0);
        if (head[0] != Magic) throw new InvalidDataException($"{path} is no ledger of the crash harness");
        Run = head[1];
        end = RandomAccess.GetLength(file) / 16 * 16; // a record that was cut short was followed by no deed
        foreach (var record in Read()) Account.Apply(record);
    }

    private IEnumerable<LedgerRecord> Read()
    {
        var records = new LedgerRecord[4_096];
        for (long at = 16; at < end;)
        {
            int read = RandomAccess.Read(file, MemoryMarshal.AsBytes(records.AsSpan()), at) / 16;
            read = (int)Math.Min(read, (end - at) / 16);
            if (read == 0) yield break;
            at += read * 16L;
            for (int i = 0; i < read; i++) yield return records[i];
        }
    }
}
