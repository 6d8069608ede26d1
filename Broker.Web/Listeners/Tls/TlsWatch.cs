using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Broker.Web.Components.Texts;
using Broker.Web.Configuration;
using Broker.Web.Files;

namespace Broker.Web.Listeners.Tls;

/// <summary>
/// Takes what the files of TLS hold when that is something new, and says when it runs out. Connections stay as they are, but for those whose client certificate counts
/// no more.
/// </summary>
internal sealed partial class TlsWatch(HostSettings settings, TimeProvider time, ILogger<TlsWatch> log) : IFileReader
{
    /// <summary>How long before its end a certificate needs attention.</summary>
    public static readonly TimeSpan WarningTime = TimeSpan.FromDays(30);

    private static readonly TimeSpan Again = TimeSpan.FromDays(1);
    private readonly Lock gate = new();
    private readonly List<TlsEndpoint> endpoints = [.. settings.Tls];
    private readonly Dictionary<object, DateTimeOffset> warned = [];

    /// <inheritdoc/>
    public void Look()
    {
        lock (gate) endpoints.ForEach(Look);
    }

    private void Look(TlsEndpoint endpoint)
    {
        if (endpoint.Certificate is { } certificate)
        {
            Look(endpoint, certificate, context => LogCertificate(log, endpoint.Section, Shown.Of(context.TargetCertificate.Subject), Utc(context.TargetCertificate.NotAfter)));
            Warn(endpoint, certificate.Current.TargetCertificate);
        }
        if (endpoint.Clients is { } clients)
        {
            Look(endpoint, clients.Trust, trust => LogTrust(log, endpoint.Section, trust.Lists.Count, clients.JudgeAgain(time.GetUtcNow())));
            Warn(endpoint, clients.Trust.Current);
        }
    }

    private void Look<T>(TlsEndpoint endpoint, WatchedFiles<T> files, Action<T> replaced) where T : class
    {
        switch (files.Look(out var problem))
        {
            case Looked.Replaced:
                replaced(files.Current);
                break;
            case Looked.Refused:
                LogUnusable(log, endpoint.Section, Shown.Of(problem, Shown.Long));
                break;
        }
    }

    private void Warn(TlsEndpoint endpoint, X509Certificate2 certificate)
    {
        var left = certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;
        if (left > WarningTime || !IsDue(certificate)) return;
        if (left <= TimeSpan.Zero) LogExpired(log, endpoint.Section, Shown.Of(certificate.Subject), Utc(certificate.NotAfter));
        else LogExpires(log, endpoint.Section, Shown.Of(certificate.Subject), (int)left.TotalDays, Utc(certificate.NotAfter));
    }

    private void Warn(TlsEndpoint endpoint, ClientTrust trust)
    {
        foreach (var list in trust.Lists)
            if (!list.IsCurrent(time.GetUtcNow()) && IsDue(list)) LogStale(log, endpoint.Section, Shown.Of(list.Issuer.Subject), Utc(list.NextUpdate.UtcDateTime));
    }

    private bool IsDue(object what)
    {
        var now = time.GetUtcNow();
        if (warned.TryGetValue(what, out var last) && now - last < Again) return false;
        foreach (var old in warned.Where(pair => now - pair.Value >= Again).Select(pair => pair.Key).ToList()) warned.Remove(old);
        warned[what] = now;
        return true;
    }

    private static string Utc(DateTime moment) => moment.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Section} presents a new certificate from now on: {Subject}, valid until {Until}")]
    private static partial void LogCertificate(ILogger log, string section, string subject, string until);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Section} judges the certificates of clients by new files from now on, with {Count} revocation lists; {Ended} connections end by it")]
    private static partial void LogTrust(ILogger log, string section, int count, int ended);

    [LoggerMessage(Level = LogLevel.Error, Message = "The files of {Section} have changed and cannot be used; what they held before counts on: {Problem}")]
    private static partial void LogUnusable(ILogger log, string section, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate of {Section} ends in {Days} days: {Subject}, valid until {Until}. A new one is taken from its file without a restart")]
    private static partial void LogExpires(ILogger log, string section, string subject, int days, string until);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificate of {Section} has expired, and clients refuse it: {Subject}, valid until {Until}. A new one is taken from its file without a restart")]
    private static partial void LogExpired(ILogger log, string section, string subject, string until);

    [LoggerMessage(Level = LogLevel.Error, Message = "A revocation list of {Section} is out of date, and the certificates of its issuer are refused: {Issuer}, next update {Until}")]
    private static partial void LogStale(ILogger log, string section, string issuer, string until);
}
