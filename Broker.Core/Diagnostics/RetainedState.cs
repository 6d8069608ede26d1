using Broker.Core.Protocol;

namespace Broker.Core.Diagnostics;

/// <summary>A retained message at one moment.</summary>
/// <param name="Number">The broker's number for the topic, as in the store.</param>
/// <param name="Message">The message; without its payload where that lies in the store only.</param>
/// <param name="PayloadLength">How long the payload is.</param>
public sealed record RetainedState(long Number, ApplicationMessage Message, int PayloadLength);

/// <summary>One level of the tree of retained topics.</summary>
/// <param name="Level">The name of the level.</param>
/// <param name="HasMessage">Whether a message is retained right here.</param>
/// <param name="HasChildren">Whether there are topics below.</param>
/// <param name="Messages">How many messages are retained here and below, counted up to <see cref="MostCounted"/>.</param>
public sealed record RetainedLevel(string Level, bool HasMessage, bool HasChildren, int Messages)
{
    /// <summary>Where counting ends: so many or more.</summary>
    public const int MostCounted = 1_000;
}

/// <summary>Retained messages that match, counted.</summary>
/// <param name="Count">How many.</param>
/// <param name="Sample">The topics of some of them.</param>
public sealed record RetainedCount(long Count, IReadOnlyList<string> Sample);

/// <summary>What became of a message that was published through the front door, once it is committed.</summary>
/// <param name="Reason">0x00, 0x10 if nobody subscribed, or why nobody got it.</param>
/// <param name="Matched">How many sessions and share groups it matched.</param>
/// <param name="IsPersisted">Whether something of it had to be stored, and now is.</param>
public sealed record PublishOutcome(ReasonCode Reason, int Matched, bool IsPersisted);
