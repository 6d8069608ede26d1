using System.Diagnostics;

namespace Broker.Core.Diagnostics;

/// <summary>Moments at which a crash is hardest to survive.</summary>
public enum Failpoint
{
    /// <summary>A batch is about to be given to the store.</summary>
    BeforeCommit,

    /// <summary>A batch is committed, and nobody has been told.</summary>
    AfterCommit,

    /// <summary>PUBREC is about to be sent to a publisher whose message is committed.</summary>
    BeforePubRec,

    /// <summary>PUBREL came, and nothing was done about it.</summary>
    BetweenPubRecAndPubRel,

    /// <summary>PUBREL was dealt with, and PUBCOMP waits for the commit.</summary>
    BetweenPubRelAndPubComp,

    /// <summary>A stored message is about to be sent to its subscriber.</summary>
    Delivery,

    /// <summary>A connection has been told to give its session up to another one.</summary>
    TakeOver,

    /// <summary>A retained message was changed in memory.</summary>
    RetainedChange,

    /// <summary>A will is about to be published.</summary>
    WillPublication,

    /// <summary>The schema is about to be brought up to date.</summary>
    Migration,

    /// <summary>What was stored has been read, and nobody is served yet.</summary>
    Recovery,

    /// <summary>A message is about to move to another member of its share group.</summary>
    HandOver,

    /// <summary>What discarded sessions left behind is about to be deleted.</summary>
    Sweep,
}

/// <summary>
/// Ends the process, as a power cut would, when it reaches a chosen moment for the n-th time: <c>BROKER_FAILPOINT=AfterCommit:250</c> in the environment.
/// This is how the crash tests reach moments that chance seldom hits; without the variable each costs one comparison.
/// </summary>
public static class Failpoints
{
    private static readonly Failpoint? Chosen = Choose(out left);
    private static long left;

    /// <summary>The process has come to this moment.</summary>
    public static void Reached(Failpoint moment)
    {
        if (Chosen == moment) Count();
    }

    private static void Count()
    {
        if (Interlocked.Decrement(ref left) == 0) Process.GetCurrentProcess().Kill(); // SIGKILL: nothing is flushed, nobody is told
    }

    private static Failpoint? Choose(out long count)
    {
        count = 1;
        if (Environment.GetEnvironmentVariable("BROKER_FAILPOINT") is not { Length: > 0 } text) return null;
        string[] parts = text.Split(':');
        if (!Enum.TryParse(parts[0], ignoreCase: true, out Failpoint moment) || (parts.Length > 1 && !long.TryParse(parts[1], out count)))
            throw new FormatException($"BROKER_FAILPOINT is '{text}'; allowed is one of {string.Join(", ", Enum.GetNames<Failpoint>())}, with a number after a colon");
        return moment;
    }
}
