using System.Diagnostics;
using Broker.Core.Diagnostics;
using Broker.Tests.Crash.Accounts;
using Broker.Tests.Crash.Clients;

namespace Broker.Tests.Crash;

/// <summary>
/// Kills the broker, or its database, again and again while clients work at full speed, and keeps the books of what the broker owes them. Every few cycles
/// everything is drained and checked, and at the end too.
/// </summary>
internal sealed partial class CrashRun : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60), FailpointPatience = StartPatience;

    private readonly CrashOptions options;
    private readonly Action<string> tell;
    private readonly Random random;
    private readonly Ledger ledger;
    private readonly Stage stage;
    private readonly CrashStore store;
    private readonly List<CrashClient> clients = [];
    private readonly List<Failpoint> deaths = [];
    private KilledBroker? broker;
    private TimeSpan startTook;
    private bool isChecked;

    public CrashRun(CrashOptions options, Action<string> tell)
    {
        this.options = options;
        this.tell = tell;
        if (!options.Resume && Directory.Exists(options.Directory) && File.Exists(LedgerPath))
            throw new ArgumentException($"{options.Directory} holds the ledger of another run: resume it with --resume, or delete it");
        if (options.Resume && !File.Exists(LedgerPath)) throw new ArgumentException($"{options.Directory} holds no ledger of a run to resume: leave out --resume to begin one");
        OpenDirectory(options.Directory);
        KilledBroker.KillLeftover(options.Directory);
        var cast = Cast.Create(options.QoS);
        ledger = Ledger.Open(LedgerPath, cast, options.Resume);
        random = new Random(options.Seed + (int)ledger.Account.Cycle);
        stage = new Stage(ledger, cast, options.Rate);
        store = CrashStore.Create(options);
        foreach (var role in cast.Clients)
        {
            if (role.Conduct == Conduct.Publisher) clients.Add(new Publisher(stage, role, options.Seed));
            else if (role.IsReceiver) clients.Add(new Receiver(stage, role, options.Seed));
            else clients.Add(new Mortal(stage, role, options.Seed));
        }
    }

    private string LedgerPath => Path.Combine(options.Directory, "ledger");

    private Verdict Verdict => ledger.Account.Verdict;

    /// <summary>Does all that the options ask for, and gives back whether nothing was wrong, and at which failpoints the broker killed itself.</summary>
    public static (bool IsClean, IReadOnlyList<Failpoint> Deaths) ExecuteAll(CrashOptions options, Action<string> tell)
    {
        if (!options.Failpoints.Contains(Failpoint.Migration)) return ExecuteOne(options);
        // Only an empty store is brought up to date: one for each kill.
        var deaths = new List<Failpoint>();
        OpenDirectory(options.Directory);
        for (int kill = 1; kill <= options.Cycles; kill++)
        {
            var one = ExecuteOne(options with { Cycles = 1, Directory = Path.Combine(options.Directory, $"{kill}"), Seed = options.Seed + kill });
            deaths.AddRange(one.Deaths);
            if (!one.IsClean) return (false, deaths);
        }
        return (true, deaths);

        (bool IsClean, IReadOnlyList<Failpoint> Deaths) ExecuteOne(CrashOptions options)
        {
            using var run = new CrashRun(options, tell);
            return (run.Execute().IsClean, run.deaths);
        }
    }

    /// <summary>Runs all cycles, or up to the first check that finds something wrong.</summary>
    public Verdict Execute()
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var client in clients) client.Start();
        int done = (int)ledger.Account.Cycle;
        for (int cycle = done + 1; cycle <= options.Cycles && Verdict.IsClean; cycle++)
        {
            Run(cycle);
            if (cycle % options.CheckEvery == 0 && cycle < options.Cycles) CheckAll();
        }
        if (!isChecked) CheckAll();
        Leave();
        var account = ledger.Account;
        tell($"{account.Cycle} cycles in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s, {account.Sent:N0} sent, {account.Acknowledged:N0} acknowledged, {account.Delivered:N0} delivered");
        tell(Verdict.ToString());
        if (!Verdict.IsClean) Explain();
        return Verdict;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stage.End();
        broker?.Dispose();
        foreach (var client in clients) client.Join();
        store.Dispose();
        ledger.Dispose();
        stage.Dispose();
    }

    // The database runs as another user, which has to find its files below.
    private static void OpenDirectory(string directory)
    {
        var made = Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows()) made.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.GroupExecute;
    }

    private void Run(int cycle)
    {
        long began = Stopwatch.GetTimestamp();
        isChecked = false;
        ledger.Append(new LedgerRecord(Told.Cycle, 0, 0, 0, 0, cycle));
        var before = ledger.Look(account => (account.Sent, account.Acknowledged, account.Delivered));
        foreach (var client in clients.OfType<Receiver>()) client.IsInvited = client.Role.Conduct != Conduct.PartTime || random.Next(3) == 0;
        var failpoint = options.Failpoints is { Count: > 0 } moments ? moments[(cycle - 1) % moments.Count] : (Failpoint?)null;
        startTook = TimeSpan.Zero;
        string killed = options.Kill switch
        {
            Victim.None => Pass(),
            Victim.Database => KillDatabase(),
            _ when failpoint is { } moment => AwaitDeath((moment, CountFor(moment))),
            _ => KillBroker(),
        };
        var after = ledger.Look(account => (account.Sent, account.Acknowledged, account.Delivered));
        tell($"cycle {cycle}: sent {after.Sent - before.Sent:N0}, acknowledged {after.Acknowledged - before.Acknowledged:N0}, delivered {after.Delivered - before.Delivered:N0}, "
            + $"{killed}, start {startTook.TotalSeconds:F2} s, whole {Stopwatch.GetElapsedTime(began).TotalSeconds:F2} s{(Verdict.IsClean ? "" : ", WRONG: " + Verdict)}");
    }

    private string Pass()
    {
        Provide();
        Work();
        return "killed nothing";
    }

    private string KillBroker()
    {
        Provide();
        Work();
        stage.IsDark = true;
        stage.Close();
        broker!.Kill();
        if (options.Kill == Victim.Both)
        {
            store.Kill();
            store.Start();
        }
        return options.Kill == Victim.Both ? "killed broker and database" : "killed broker";
    }

    private string KillDatabase()
    {
        Provide();
        Work();
        store.Kill();
        store.Start();
        long acknowledged = ledger.Look(account => account.Acknowledged);
        Await(() => ledger.Look(account => account.Acknowledged) > acknowledged, StartPatience, "no acknowledgement came after the database's return");
        return "killed database";
    }

    private string AwaitDeath((Failpoint Moment, int Count) failpoint)
    {
        Stop();
        bool ready = TryStart(failpoint);
        if (ready) WorkUntilDeath();
        bool reached = broker!.HasExited;
        if (reached) deaths.Add(failpoint.Moment);
        stage.IsDark = true;
        stage.Close();
        broker.Kill();
        if (!ready)
        {
            // It died before anybody was served: once more, without, so that there is something to recover the next time.
            Provide();
            Work();
            stage.IsDark = true;
            stage.Close();
            broker.Kill();
        }
        if (options.Kill == Victim.Both)
        {
            store.Kill();
            store.Start();
        }
        return reached ? $"died {failpoint.Moment}:{failpoint.Count}" : $"killed broker, {failpoint.Moment}:{failpoint.Count} was NOT REACHED";
    }

    private int CountFor(Failpoint moment) => options.FailpointCount > 0 ? options.FailpointCount : moment switch
    {
        Failpoint.Migration or Failpoint.Recovery => 1,
        Failpoint.TakeOver or Failpoint.HandOver or Failpoint.WillPublication or Failpoint.Sweep => random.Next(1, 4),
        Failpoint.BeforeCommit or Failpoint.AfterCommit => random.Next(1, 100),
        _ => random.Next(1, 500),
    };

    // Full load for a random time, so that the end comes at any moment: mostly of work, now and then while the clients come back.
    private void Work()
    {
        stage.IsPublishing = true;
        if (random.Next(4) > 0)
        {
            var before = ledger.Look(account => account.Clients.Select(client => client.Acknowledged).ToArray());
            Await(() => broker!.HasExited || ledger.Look(account => account.Clients.All(client =>
                client.Role.Conduct != Conduct.Publisher || client.Acknowledged > before[client.Role.Index])), StartPatience, "nothing is acknowledged");
        }
        Thread.Sleep(random.Next(20, 600));
    }

    private void WorkUntilDeath()
    {
        stage.IsPublishing = true;
        for (long began = Stopwatch.GetTimestamp(); !broker!.HasExited && Stopwatch.GetElapsedTime(began) < FailpointPatience; Thread.Sleep(1))
        {
        }
    }

    // The broker runs and serves, and its retained messages were looked at.
    private void Provide()
    {
        if (broker is { HasExited: false }) return;
        Stop();
        if (!TryStart(null)) throw new InvalidOperationException($"the broker did not start: {Log()}");
    }

    private void Stop()
    {
        stage.IsDark = true;
        stage.Close();
        broker?.Dispose();
        broker = null;
    }

    private bool TryStart((Failpoint, int)? failpoint)
    {
        long began = Stopwatch.GetTimestamp();
        broker = KilledBroker.Start(options.Directory, store.Settings, failpoint, options.Lies);
        stage.Port = broker.Port;
        while (!RetainedCheck.TryRun(stage))
        {
            if (broker.HasExited) return false;
            if (Stopwatch.GetElapsedTime(began) > StartPatience) throw new TimeoutException($"the broker is not ready: {Log()}");
            Thread.Sleep(5);
        }
        stage.IsDark = failpoint is not null;
        stage.LetSubscribersIn();
        stage.LetPublishersIn();
        startTook += Stopwatch.GetElapsedTime(began);
        return true;
    }

    private void Await(Func<bool> condition, TimeSpan patience, string otherwise)
    {
        for (long began = Stopwatch.GetTimestamp(); !condition(); Thread.Sleep(2))
            if (Stopwatch.GetElapsedTime(began) > patience) throw new TimeoutException($"{otherwise}: {string.Join("; ", clients.Select(client => $"{client.Role.Name} {client.LastEnd}"))}\n{Log()}");
    }

    private string Log()
    {
        string log = File.ReadAllText(KilledBroker.LogOf(options.Directory));
        return log.Length < 4_000 ? log : log[^4_000..];
    }
}
