using Broker.Web.Components.Texts;
using Broker.Web.Files;

namespace Broker.Web.Security.External;

/// <summary>Takes what the file of keys holds when that is something new. Clients whose key is gone have to go.</summary>
internal sealed partial class JwtKeyWatch(JwtOptions options, JwtCheck check, ILogger<JwtKeyWatch> log) : IFileReader
{
    /// <inheritdoc/>
    public void Look()
    {
        if (options.Keys is not { } keys) return;
        switch (keys.Look(out string problem))
        {
            case Looked.Replaced:
                LogReplaced(log, keys.Current.Count, check.JudgeAgain());
                break;
            case Looked.Refused:
                LogUnusable(log, Shown.Of(problem, Shown.Long));
                break;
            case Looked.Unchanged:
            default:
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Tokens are checked with new keys from now on; there are {Count}; {Ended} connections end by it")]
    private static partial void LogReplaced(ILogger log, int count, int ended);

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys of Mqtt:Jwt have changed and cannot be used; the former ones count on: {Problem}")]
    private static partial void LogUnusable(ILogger log, string problem);
}
