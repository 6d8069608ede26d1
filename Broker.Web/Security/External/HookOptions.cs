namespace Broker.Web.Security.External;

/// <summary>A service that decides who is let in, below <c>Mqtt:Hook</c>.</summary>
public sealed class HookOptions
{
    /// <summary>Where it is asked; empty for none.</summary>
    public string Url { get; set; } = "";

    /// <summary>A secret that it knows the broker by, sent as <c>Authorization: Bearer</c>.</summary>
    public string Secret { get; set; } = "";

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How many seconds an answer counts for the same client with the same credentials; 0 to ask each time.</summary>
    public int CacheSeconds { get; set; } = 10;

    /// <summary>How often it is asked again for clients that are connected; 0 for never.</summary>
    public TimeSpan RecheckInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many questions are asked at a time.</summary>
    public int Concurrency { get; set; } = 64;
}
