namespace Broker.Web.Components.Texts;

/// <summary>Bytes in words.</summary>
internal static class Bytes
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Three digits at most, in the unit that fits: <c>1.5 MiB</c>.</summary>
    public static string Of(long bytes)
    {
        var unit = 0;
        double value = bytes;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return $"{value.ToString(unit > 0 && value < 10 ? "0.0" : "0", null)} {Units[unit]}";
    }
}
