using System.Runtime.InteropServices;

namespace Broker.Tests.Crash.Accounts;

/// <summary>What a record of the ledger tells. The numbers stand in files: none is ever given another meaning.</summary>
internal enum Told : byte
{
    /// <summary>A publisher is about to send a message, or a client a CONNECT with a will.</summary>
    Sent = 1,

    /// <summary>PUBACK or PUBREC came for it; or the connection of a will ended, so that the will is due.</summary>
    Acknowledged = 2,

    /// <summary>PUBCOMP came.</summary>
    Completed = 3,

    /// <summary>A PUBLISH came, and is about to be acknowledged.</summary>
    Delivered = 4,

    /// <summary>PUBREL came, and is about to be answered.</summary>
    Released = 5,

    /// <summary>CONNACK came.</summary>
    Connected = 6,

    /// <summary>SUBSCRIBE is about to be sent.</summary>
    Subscribing = 7,

    /// <summary>SUBACK came.</summary>
    Subscribed = 8,

    /// <summary>UNSUBSCRIBE is about to be sent.</summary>
    Unsubscribing = 9,

    /// <summary>UNSUBACK came.</summary>
    Unsubscribed = 10,

    /// <summary>A CONNECT with Clean Start is about to be sent.</summary>
    Discarding = 11,

    /// <summary>The broker refused a message for good.</summary>
    Refused = 12,

    /// <summary>What arrived was no message of this run, or not the one that was sent.</summary>
    Altered = 13,

    /// <summary>A cycle begins.</summary>
    Cycle = 14,

    /// <summary>Milliseconds since 1970.</summary>
    Time = 15,

    /// <summary>Everything up to this message of a stream was checked, and is done.</summary>
    Settled = 16,

    /// <summary>How many messages were delivered before the ledger was cut.</summary>
    DeliveredBefore = 17,
}

/// <summary>More about what a record tells.</summary>
[Flags]
internal enum Details : byte
{
    None = 0,
    QoS1 = 1,
    QoS2 = 2,
    Duplicate = 4,
    Retain = 8,
    SessionPresent = 16,
}

/// <summary>One line of the ledger: 16 bytes.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Details">More about it.</param>
/// <param name="Client">The client's number.</param>
/// <param name="Identifier">The packet identifier.</param>
/// <param name="Stream">The stream's number: one publisher's messages on one topic.</param>
/// <param name="Number">The message's number in its stream, from 1.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct LedgerRecord(Told Kind, Details Details, ushort Client, ushort Identifier, ushort Stream, long Number);
