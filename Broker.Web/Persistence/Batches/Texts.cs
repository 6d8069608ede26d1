using System.Globalization;

namespace Broker.Web.Persistence.Batches;

/// <summary>Columns that hold a list as a text.</summary>
internal static class Texts
{
    /// <summary>Subscription Identifiers with commas between; null for none.</summary>
    public static string? Join(uint[] identifiers) => identifiers.Length == 0 ? null : string.Join(',', identifiers);

    /// <summary>The reverse.</summary>
    public static uint[] Split(string? text) =>
        string.IsNullOrEmpty(text) ? [] : [.. text.Split(',').Select(part => uint.Parse(part, CultureInfo.InvariantCulture))];
}
