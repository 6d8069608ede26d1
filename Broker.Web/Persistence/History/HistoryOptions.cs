namespace Broker.Web.Persistence.History;

/// <summary>What is kept for operators to look back at, below <c>Storage:History</c>.</summary>
public sealed class HistoryOptions
{
    /// <summary>Whether anything is.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Most events of clients that are kept; the oldest go first.</summary>
    public int Events { get; set; } = 1_000_000;

    /// <summary>How long events are kept, and what is known of clients that have left.</summary>
    public TimeSpan EventAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Most clients that are remembered after they have left; those that left first go first.</summary>
    public int Clients { get; set; } = 1_000_000;
}
