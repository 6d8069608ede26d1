using System.Globalization;
using Broker.Core.Protocol;
using Broker.Tests.Testing;

namespace Broker.Tests.Protocol;

/// <summary>The property table against the standard's, row by row, and the codec against every combination of packet, sender and property.</summary>
public sealed class PropertyTableTests
{
    private static readonly Dictionary<string, PropertyType> Types = new()
    {
        ["Byte"] = PropertyType.Byte,
        ["Two Byte Integer"] = PropertyType.TwoByteInteger,
        ["Four Byte Integer"] = PropertyType.FourByteInteger,
        ["Variable Byte Integer"] = PropertyType.VariableByteInteger,
        ["UTF-8 Encoded String"] = PropertyType.Utf8String,
        ["UTF-8 String Pair"] = PropertyType.Utf8StringPair,
        ["Binary Data"] = PropertyType.BinaryData,
    };

    private static readonly Row[] Standard =
    [
        .. SpecTables.Properties.Where(cells => cells["id_dec"] != "-").Select(cells => new Row(
            Enum.Parse<PropertyScope>(cells["packet"], ignoreCase: true), cells["direction"],
            (PropertyId)byte.Parse(cells["id_dec"], CultureInfo.InvariantCulture), cells["name"], Types[cells["type"]], cells["may_repeat"] == "yes")),
    ];

    [Fact]
    public void Names_and_types_are_the_standards()
    {
        PropertyTable.Rows.Select(row => (row.Id, row.Name, row.Type)).ShouldBe(
            Standard.Select(row => (row.Id, row.Name, row.Type)).Distinct().OrderBy(row => row.Id));
    }

    [Fact]
    public void Each_property_stands_where_the_standard_allows_it_and_nowhere_else()
    {
        foreach (var row in PropertyTable.Rows)
        {
            row.FromClient.ShouldBe(Scopes(row.Id, "C>S"), $"{row.Name} from a client");
            row.FromServer.ShouldBe(Scopes(row.Id, "S>C"), $"{row.Name} from a server");
            var repeats = Standard.Where(standard => standard.Id == row.Id && standard.Repeats).Aggregate(PropertyScope.None, (all, one) => all | one.Scope);
            row.Repeats.ShouldBe(repeats, $"{row.Name} repeated");
        }
    }

    [Fact]
    public void Every_combination_of_packet_sender_and_property_is_read_or_refused_as_the_standard_says()
    {
        var scopes = Enum.GetValues<PropertyScope>().Where(scope => scope is not PropertyScope.None && int.PopCount((int)scope) == 1).ToArray();
        foreach (var scope in scopes)
        {
            foreach (var sender in Enum.GetValues<Sender>())
            {
                for (int id = 0; id < 256; id++) Check(scope, sender, (PropertyId)id);
            }
        }
    }

    [Fact]
    public void A_single_property_may_not_repeat_and_a_user_property_may()
    {
        foreach (var standard in Standard)
        {
            byte[] twice = [.. Value(standard.Id), .. Value(standard.Id)];
            var sender = standard.Direction == "S>C" ? Sender.Server : Sender.Client;
            var reason = Outcome(standard.Scope, sender, twice);
            reason.ShouldBe(standard.Repeats ? null : ReasonCode.ProtocolError, $"{standard.Name} twice in {standard.Scope}");
        }
    }

    private static void Check(PropertyScope scope, Sender sender, PropertyId id)
    {
        string direction = sender == Sender.Client ? "C>S" : "S>C";
        var here = Standard.Where(standard => standard.Scope == scope && standard.Id == id).ToArray();
        ReasonCode? expected = here.Length == 0 ? ReasonCode.MalformedPacket
            : here.Any(standard => standard.Direction == direction || standard.Direction == "both") ? null
            : ReasonCode.ProtocolError;
        Outcome(scope, sender, Value(id)).ShouldBe(expected, $"{id} in {scope} from the {sender}");
    }

    private static ReasonCode? Outcome(PropertyScope scope, Sender sender, byte[] encoded)
    {
        try
        {
            var reader = new PacketReader(new byte[] { (byte)encoded.Length }.Concat(encoded).ToArray());
            var properties = Properties.Read(ref reader, scope, sender);
            properties.Encoded.ToArray().ShouldBe(encoded);
            return null;
        }
        catch (ProtocolViolation violation)
        {
            return violation.Reason;
        }
    }

    private static byte[] Value(PropertyId id)
    {
        byte[] value = (Standard.FirstOrDefault(standard => standard.Id == id)?.Type ?? PropertyType.Byte) switch
        {
            PropertyType.Byte => [1],
            PropertyType.TwoByteInteger => [0, 1],
            PropertyType.FourByteInteger => [0, 0, 0, 1],
            PropertyType.VariableByteInteger => [1],
            PropertyType.Utf8StringPair => [0, 1, (byte)'n', 0, 1, (byte)'v'],
            _ => [0, 1, (byte)'t'],
        };
        return (byte)id < 0x80 ? [(byte)id, .. value] : [(byte)id, 1, .. value];
    }

    private static PropertyScope Scopes(PropertyId id, string direction) => Standard
        .Where(standard => standard.Id == id && (standard.Direction == direction || standard.Direction == "both"))
        .Aggregate(PropertyScope.None, (all, one) => all | one.Scope);

    private sealed record Row(PropertyScope Scope, string Direction, PropertyId Id, string Name, PropertyType Type, bool Repeats);
}
