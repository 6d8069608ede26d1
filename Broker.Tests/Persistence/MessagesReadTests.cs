using Broker.Core.Protocol;
using Broker.Web.Persistence.Batches;

namespace Broker.Tests.Persistence;

/// <summary>Messages that were read lately are not read again.</summary>
public sealed class MessagesReadTests
{
    private readonly MessagesRead messages = new();

    [Fact]
    public void A_message_is_known_by_its_id_until_another_takes_its_place()
    {
        var (first, other) = (Message(5), Message(5));
        messages[7].ShouldBeNull();
        messages.Add(7, first);
        messages[7].ShouldBeSameAs(first);
        messages[7 + MessagesRead.Places].ShouldBeNull();

        messages.Add(7 + MessagesRead.Places, other);
        messages[7 + MessagesRead.Places].ShouldBeSameAs(other);
        messages[7].ShouldBeNull();
    }

    [Fact]
    public void Ids_beyond_32_bits_have_places_of_their_own()
    {
        var (low, high) = (Message(5), Message(5));
        messages.Add(8, low);
        messages.Add((5L << 32) + 9, high);
        (messages[8], messages[(5L << 32) + 9], messages[9]).ShouldBe((low, high, null));
    }

    [Fact]
    public void Only_small_messages_are_kept()
    {
        messages.Add(1, Message(MessagesRead.MostBytes));
        messages.Add(2, Message(MessagesRead.MostBytes + 1));
        messages[1].ShouldNotBeNull();
        messages[2].ShouldBeNull();
    }

    private static ApplicationMessage Message(int size) => new(new Publication { Topic = "t"u8, Payload = new byte[size - 1], ExpiresAt = ApplicationMessage.Never });
}
