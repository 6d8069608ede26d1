using System.Diagnostics;
using Broker.Tests.Crash.Accounts;
using Broker.Tests.Crash.Clients;

namespace Broker.Tests.Crash;

/// <content>What is looked at when everything should be done.</content>
internal sealed partial class CrashRun
{
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(20), LiarsStandstill = TimeSpan.FromSeconds(5), SettlePatience = TimeSpan.FromSeconds(60);
    private const int MostStories = 10;

    private void CheckAll()
    {
        long began = Stopwatch.GetTimestamp();
        Provide();
        if (Drain()) CheckLeftOver();
        RetainedCheck.TryRun(stage).ShouldBeTrue("the broker ended the connection that asked for the retained messages");
        ledger.BlameMissing();
        tell($"check: {Verdict} ({Stopwatch.GetElapsedTime(began).TotalSeconds:F2} s{Surprises()})");
        isChecked = true;
        if (Verdict.IsClean) ledger.Cut();
        stage.IsDraining = false;
    }

    private string Surprises() => stage.Surprises == 0 ? "" :
        $", {stage.Surprises} connections ended by surprise: {string.Join(", ", clients.Where(client => client.LastSurprise.Length > 0).Select(client => $"{client.Role.Name} {client.LastSurprise}"))}";

    // Nobody sends anything new, everybody is there and takes what is owed to him, until nothing is owed any more or nothing moves.
    private bool Drain()
    {
        stage.IsPublishing = false;
        stage.IsDraining = true;
        var standstill = options.Lies ? LiarsStandstill : Standstill; // of what a liar lost nothing comes however long one waits
        long moved = Stopwatch.GetTimestamp(), records = 0;
        while (ledger.Look(account => account.Outstanding()) > 0 && Stopwatch.GetElapsedTime(moved) < standstill)
        {
            Thread.Sleep(20);
            long now = ledger.Look(account => account.Delivered + account.Acknowledged);
            if (now != records) moved = Stopwatch.GetTimestamp();
            records = now;
        }
        long left = ledger.Look(account => account.Outstanding());
        if (left == 0) return true;
        tell($"nothing moves, and {left} are not done");
        foreach (var client in ledger.Look(account => account.Clients.Where(client => client.InFlight.Count + client.Held.Count > 0).ToList()))
            ledger.Blame(Fault.LeftOver, $"{client.Role.Name} has {client.InFlight.Count} exchanges under way and holds {client.Held.Count} that were not released");
        foreach (var client in clients.Where(client => !client.IsConnected)) tell($"{client.Role.Name} is not connected: {client.LastEnd}");
        return false;
    }

    private void CheckLeftOver()
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = store.LeftOver().Where(what => what.Rows > 0).ToList();
            if (left.Count == 0) return;
            if (Stopwatch.GetElapsedTime(began) < SettlePatience)
            {
                Thread.Sleep(20);
                continue;
            }
            foreach (var (what, rows) in left) ledger.Blame(Fault.LeftOver, $"{rows} rows: {what}");
            return;
        }
    }

    // Everybody leaves as one should, and the broker is asked to end.
    private void Leave()
    {
        stage.End();
        foreach (var client in clients) client.Join();
        Stop();
    }

    private void Explain()
    {
        foreach (string words in Verdict.Words) tell(words);
        foreach (var (stream, number) in Verdict.Messages.Take(MostStories))
        {
            tell($"the story of {stream.Topic} {number}:");
            foreach (string line in ledger.Story(stream, number)) tell("  " + line);
        }
        tell($"everything is kept in {options.Directory}; the broker's log ends with:\n{Log()}");
    }
}
