using System.Globalization;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Protocol;

/// <summary>The reason codes against the standard's tables.</summary>
public sealed class ReasonCodeTests
{
    private static readonly ControlPacketType[] Carriers =
    [
        ControlPacketType.ConnAck, ControlPacketType.PubAck, ControlPacketType.PubRec, ControlPacketType.PubRel, ControlPacketType.PubComp,
        ControlPacketType.SubAck, ControlPacketType.UnsubAck, ControlPacketType.Disconnect, ControlPacketType.Auth,
    ];

    [Fact]
    public void Every_code_of_the_standard_is_known_and_no_other() =>
        Enum.GetValues<ReasonCode>().Select(code => (int)code).ShouldBe(Rows("5.0").Select(Code).Distinct().Order());

    [Fact]
    public void Errors_are_those_that_the_standard_calls_errors()
    {
        foreach (var row in Rows("5.0")) ((ReasonCode)Code(row)).IsError().ShouldBe(row["is_error"] == "yes", row["name"]);
    }

    [Fact]
    public void Each_packet_carries_the_codes_of_its_own_table()
    {
        foreach (var packet in Carriers)
        {
            foreach (var sender in Enum.GetValues<Sender>())
            {
                for (int code = 0; code < 256; code++)
                {
                    var row = Rows("5.0").FirstOrDefault(row => row["packet"].Equals(packet.ToString(), StringComparison.OrdinalIgnoreCase) && Code(row) == code);
                    if (row?["sent_by"] == "unclear") continue; // the standard contradicts itself
                    bool expected = row is not null && (row["sent_by"] == "both" || row["sent_by"].Equals(sender.ToString(), StringComparison.OrdinalIgnoreCase));
                    ReasonCodes.IsAllowed((ReasonCode)code, packet, sender).ShouldBe(expected, $"0x{code:X2} in {packet} from the {sender}");
                }
            }
        }
    }

    [Fact]
    public void Every_error_of_connack_becomes_a_return_code_of_3_1_1_or_none()
    {
        int[] known = [.. Rows("3.1.1").Where(row => row["packet"] == "CONNACK").Select(Code)];
        foreach (var code in Enum.GetValues<ReasonCode>())
        {
            if (code.ToReturnCode() is not { } returned) continue;
            known.ShouldContain(returned);
            (returned == 0).ShouldBe(code == ReasonCode.Success);
        }
        ReasonCode.UnsupportedProtocolVersion.ToReturnCode().ShouldBe((byte)1);
        ReasonCode.ClientIdentifierNotValid.ToReturnCode().ShouldBe((byte)2);
        ReasonCode.ServerUnavailable.ToReturnCode().ShouldBe((byte)3);
        ReasonCode.BadUserNameOrPassword.ToReturnCode().ShouldBe((byte)4);
        ReasonCode.NotAuthorized.ToReturnCode().ShouldBe((byte)5);
        ReasonCode.MalformedPacket.ToReturnCode().ShouldBeNull();
        ReasonCode.ProtocolError.ToReturnCode().ShouldBeNull();
    }

    private static IEnumerable<IReadOnlyDictionary<string, string>> Rows(string version) => SpecTables.ReasonCodes.Where(row => row["version"] == version);

    private static int Code(IReadOnlyDictionary<string, string> row) => int.Parse(row["code_dec"], CultureInfo.InvariantCulture);
}
