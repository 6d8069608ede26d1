namespace Broker.Web.Operations.Status;

/// <summary>How the broker is.</summary>
public sealed record BrokerView
{
    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Whether it serves clients.</summary>
    public required bool IsReady { get; init; }

    /// <summary>If not, why, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>The name of the machine.</summary>
    public required string Host { get; init; }

    /// <summary>Its process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>What keeps its state: Sqlite, PostgreSql or Memory.</summary>
    public required string StorageProvider { get; init; }

    /// <summary>Where that is.</summary>
    public required string Storage { get; init; }

    /// <summary>Whether a history is kept.</summary>
    public required bool HasHistory { get; init; }

    /// <summary>Milliseconds that 99 of a hundred of the last commits did not exceed.</summary>
    public required double CommitP99Milliseconds { get; init; }
}

/// <summary>Messages that were not delivered to some client.</summary>
/// <param name="Reason">Why, as below <c>$SYS/broker/publish/messages/dropped</c>.</param>
/// <param name="Count">How many since the start.</param>
public sealed record DroppedView(string Reason, long Count);

/// <summary>A figure of the broker.</summary>
/// <param name="Name">Its topic below <c>$SYS</c>.</param>
/// <param name="Value">Its value.</param>
public sealed record StatisticView(string Name, double Value);

/// <summary>The broker's figures at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Values">All figures below <c>$SYS</c>.</param>
/// <param name="Dropped">Messages that were dropped, by reason.</param>
public sealed record StatisticsView(DateTime At, IReadOnlyList<StatisticView> Values, IReadOnlyList<DroppedView> Dropped);

/// <summary>A figure at one time.</summary>
public sealed record StatisticPoint(DateTime At, double Value);

/// <summary>How a figure went.</summary>
/// <param name="Name">Its topic below <c>$SYS</c>.</param>
/// <param name="Points">Its values in order of time.</param>
public sealed record StatisticSeries(string Name, IReadOnlyList<StatisticPoint> Points);

/// <summary>How figures went.</summary>
/// <param name="From">From when on.</param>
/// <param name="To">Until when.</param>
/// <param name="ResolutionSeconds">The seconds between two points: 10, 300 for the mean of five minutes, or 3600 for the highest of those means in an hour.</param>
/// <param name="Series">The figures.</param>
public sealed record StatisticsHistory(DateTime From, DateTime To, int ResolutionSeconds, IReadOnlyList<StatisticSeries> Series);

/// <summary>Something that needs somebody's attention.</summary>
/// <param name="Kind">What: store, take_over_ping_pong, queue_full, queue_growing, dropped, refused, denied, certificate, tls_refused, connections_full, memory or anonymous_listener.</param>
/// <param name="IsSerious">Whether something is broken or open, and not only to be watched.</param>
/// <param name="Subject">What it is about: a client, an address, a listener, a reason.</param>
/// <param name="Text">The whole of it in plain words.</param>
/// <param name="Count">How many or how often, where that means something.</param>
public sealed record AttentionItem(string Kind, bool IsSerious, string Subject, string Text, long? Count = null);

/// <summary>A certificate.</summary>
public sealed record CertificateView(string Subject, string Issuer, DateTime NotBefore, DateTime NotAfter);

/// <summary>Where the broker listens.</summary>
/// <param name="Url">The address.</param>
/// <param name="Kind">What is spoken there: mqtt, websocket or http.</param>
/// <param name="IsEncrypted">Whether over TLS.</param>
/// <param name="IsLoopback">Whether only this machine reaches it.</param>
/// <param name="AllowsAnonymous">Whether clients without a name are let in: yes, no or local (from this machine only); null where nobody connects by MQTT.</param>
/// <param name="Certificate">What it presents, where that is known.</param>
public sealed record ListenerView(string Url, string Kind, bool IsEncrypted, bool IsLoopback, string? AllowsAnonymous, CertificateView? Certificate)
{
    /// <summary>When that certificate ends.</summary>
    public DateTime? CertificateExpiresAt { get; init; }

    /// <summary>How many whole days are left of it; below zero when it has ended.</summary>
    public int? CertificateDaysLeft { get; init; }

    /// <summary>Whether clients show a certificate of their own: none, optional or required; null without TLS.</summary>
    public string? ClientCertificates { get; init; }
}

/// <summary>A setting as it holds.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value; three dots for a secret; null if it has none.</param>
/// <param name="Origin">Where that comes from: default, a file, environment variable, command line.</param>
public sealed record SettingView(string Key, string? Value, string Origin);
