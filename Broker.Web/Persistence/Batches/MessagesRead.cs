using Broker.Core.Protocol;

namespace Broker.Web.Persistence.Batches;

/// <summary>
/// Messages that several entries refer to and that were read lately: sessions that come back together read the same ones one after the other. Of any thread; it
/// holds <see cref="Places"/> messages at most, none larger than <see cref="MostBytes"/>.
/// </summary>
/// <remarks>No process ever gives an id to two messages, and what is stored under an id never changes.</remarks>
internal sealed class MessagesRead
{
    /// <summary>How many messages there is room for: one id comes in the place of another that differs by a multiple of it.</summary>
    public const int Places = 4_096;

    /// <summary>A larger message is read each time.</summary>
    public const int MostBytes = 4_096;

    private readonly Read?[] places = new Read?[Places];

    /// <summary>The message of an id, or null if it has to be read.</summary>
    public ApplicationMessage? this[long id] => Volatile.Read(ref Place(id)) is { } read && read.Id == id ? read.Message : null;

    /// <summary>A message was read.</summary>
    public void Add(long id, ApplicationMessage message)
    {
        if (message.Size <= MostBytes) Volatile.Write(ref Place(id), new Read(id, message));
    }

    /// <summary>What is thrown if an entry refers to a message that is not there: the store is damaged.</summary>
    public static InvalidDataException Missing(long id) => new($"message {id} is missing, which an entry of a queue refers to");

    private ref Read? Place(long id) => ref places[(int)(id % Places)];

    private sealed record Read(long Id, ApplicationMessage Message);
}
