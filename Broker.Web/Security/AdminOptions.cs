namespace Broker.Web.Security;

/// <summary>Who administers the broker, below <c>Admin</c>.</summary>
public sealed class AdminOptions
{
    /// <summary>The password of the first administrator, <c>admin</c>; nothing once there is one.</summary>
    public string Password { get; set; } = "";

    /// <summary>A file with that password.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>Whether passwords are taken without TLS from other machines too.</summary>
    public bool AllowPlainHttp { get; set; }

    /// <summary>Whether accounts of the role viewer see payloads.</summary>
    public bool ViewersSeePayloads { get; set; }

    /// <summary>A session of the dashboard that is not used for so long ends.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Most rows of the audit that are kept; the oldest go first.</summary>
    public int AuditRows { get; set; } = 1_000_000;

    /// <summary>How long rows of the audit are kept.</summary>
    public TimeSpan AuditAge { get; set; } = TimeSpan.FromDays(365);
}
