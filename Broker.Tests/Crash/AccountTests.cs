using Broker.Core.Protocol;
using Broker.Tests.Crash.Accounts;

namespace Broker.Tests.Crash;

/// <summary>The books of the crash harness find what they are kept for.</summary>
public sealed class AccountTests : IDisposable
{
    private readonly Cast cast = Cast.Create(0);
    private readonly string path = Path.GetTempFileName();
    private readonly ClientRole receiver, publisher;
    private readonly StreamRole stream;
    private Ledger ledger;

    public AccountTests()
    {
        ledger = Ledger.Open(path, cast, resume: false);
        receiver = cast.Clients.First(client => client is { Conduct: Conduct.Online, QoS: QualityOfService.ExactlyOnce } && client.Hears.Contains(StreamKind.Plain));
        stream = cast.Streams.First(stream => stream is { Kind: StreamKind.Plain, QoS: QualityOfService.ExactlyOnce });
        publisher = cast.Clients[stream.Publisher];
        Tell(Told.Connected, receiver);
        Tell(Told.Subscribing, receiver);
        Tell(Told.Subscribed, receiver);
    }

    private Verdict Verdict => ledger.Account.Verdict;

    [Fact]
    public void What_is_acknowledged_and_delivered_once_is_right()
    {
        Publish(1, 2);
        Deliver(1, 2);

        ledger.Account.Missing().Count(lost => lost.Receiver == receiver).ShouldBe(0);
        Verdict.IsClean.ShouldBeTrue();
    }

    [Fact]
    public void What_is_acknowledged_and_not_delivered_is_missing()
    {
        Publish(1, 2);
        Deliver(2);

        ledger.Account.Missing().ShouldContain((receiver, stream, 1L));
    }

    [Fact]
    public void What_was_never_acknowledged_is_not_missing()
    {
        Send(1);

        ledger.Account.Missing().ShouldBeEmpty();
    }

    [Fact]
    public void What_was_sent_before_SUBACK_is_not_missing()
    {
        var other = cast.Clients.First(client => client.Conduct == Conduct.Renewer);
        Send(1);
        Tell(Told.Subscribed, other);
        Acknowledge(1);
        Publish(2);

        ledger.Account.Missing().Where(lost => lost.Receiver == other).Select(lost => lost.Number).ShouldBe([2L]);
    }

    [Fact]
    public void A_second_delivery_at_QoS_2_is_found()
    {
        Publish(1);
        Deliver(1, 1);

        Verdict[Fault.Duplicated].ShouldBe(1);
    }

    [Fact]
    public void A_resend_of_what_was_not_released_is_no_second_delivery()
    {
        Publish(1);
        Tell(Told.Delivered, receiver, 7, 1);
        Tell(Told.Delivered, receiver, 7, 1);

        Verdict.IsClean.ShouldBeTrue();
    }

    [Fact]
    public void An_identifier_that_is_given_to_another_message_is_found()
    {
        Publish(1, 2);
        Tell(Told.Delivered, receiver, 7, 1);
        Tell(Told.Delivered, receiver, 7, 2);

        Verdict[Fault.Altered].ShouldBe(1);
    }

    [Fact]
    public void A_first_delivery_behind_a_later_message_is_found()
    {
        Publish(1, 2);
        Deliver(2, 1);

        Verdict[Fault.OutOfOrder].ShouldBe(1);
    }

    [Fact]
    public void A_message_that_was_never_sent_is_found()
    {
        Deliver(1);

        Verdict[Fault.Altered].ShouldBe(1);
    }

    [Fact]
    public void A_session_that_is_not_there_any_more_is_found()
    {
        Tell(Told.Connected, receiver);

        Verdict[Fault.Forgotten].ShouldBe(1);
    }

    [Fact]
    public void A_message_of_a_discarded_session_is_found_in_its_successor()
    {
        Publish(1);
        Tell(Told.Discarding, receiver);
        Tell(Told.Connected, receiver);
        Deliver(1);

        Verdict[Fault.Altered].ShouldBe(1);
    }

    [Fact]
    public void A_message_sent_after_UNSUBACK_is_found()
    {
        Tell(Told.Unsubscribing, receiver);
        Tell(Told.Unsubscribed, receiver);
        Publish(1);
        Deliver(1);

        Verdict[Fault.Altered].ShouldBe(1);
        ledger.Account.Missing().Where(lost => lost.Receiver == receiver).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public void A_payload_that_was_changed_is_found(int position)
    {
        var payload = new byte[Payload.Longest];
        int length = Payload.Write(payload, run: 5, stream: 3, number: 25);

        Payload.TryRead(payload.AsSpan(0, length), 5, out int index, out long number).ShouldBeTrue();
        (index, number).ShouldBe((3, 25L));
        Payload.TryRead(payload.AsSpan(0, length - 8), 5, out _, out _).ShouldBeFalse();
        payload[position] ^= 1;
        Payload.TryRead(payload.AsSpan(0, length), 5, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_ledger_that_is_opened_again_holds_the_same()
    {
        Publish(1, 2, 3);
        Send(4);
        Deliver(1, 3);
        long run = ledger.Run;
        ledger.Dispose();
        File.AppendAllText(path, "cut"); // the last record of a process that was killed

        ledger = Ledger.Open(path, cast, resume: true);

        ledger.Run.ShouldBe(run);
        ledger.Account.Missing().ShouldContain((receiver, stream, 2L));
        ledger.Account.Clients[publisher.Index].InFlight.Select(message => message.Number).ShouldBe([1L, 2L, 3L, 4L]);
        ledger.Account.Clients[receiver.Index].HasSession.ShouldBeTrue();
        Publish(5);
    }

    [Fact]
    public void A_ledger_that_is_cut_knows_what_comes_next()
    {
        Publish(1, 2);
        Deliver(1, 2);
        Tell(Told.Completed, publisher, 1);
        Tell(Told.Completed, publisher, 2);
        long length = new FileInfo(path).Length;

        ledger.Cut();
        ledger.Dispose();
        ledger = Ledger.Open(path, cast, resume: true);

        new FileInfo(path).Length.ShouldNotBe(length);
        Deliver(2);
        Verdict[Fault.Duplicated].ShouldBe(1);
        Publish(3);
        ledger.Account.Missing().ShouldContain((receiver, stream, 3L));
    }

    public void Dispose()
    {
        ledger.Dispose();
        File.Delete(path);
    }

    private void Publish(params long[] numbers)
    {
        foreach (long number in numbers) Send(number);
        foreach (long number in numbers) Acknowledge(number);
    }

    private void Send(long number) => Tell(Told.Sent, publisher, (ushort)number, number);

    private void Acknowledge(long number) => Tell(Told.Acknowledged, publisher, (ushort)number, number);

    private void Deliver(params long[] numbers)
    {
        foreach (long number in numbers)
        {
            Tell(Told.Delivered, receiver, (ushort)number, number);
            Tell(Told.Released, receiver, (ushort)number, number);
        }
    }

    private void Tell(Told kind, ClientRole client, ushort identifier = 0, long number = 0) =>
        ledger.Append(new LedgerRecord(kind, kind == Told.Connected ? 0 : Details.QoS2, (ushort)client.Index, identifier, (ushort)stream.Index, number));
}
