using System.Text.Unicode;

namespace Broker.Core.Protocol;

/// <summary>The Payload Format Indicator (MQTT 5, section 3.3.2.3.2).</summary>
public static class PayloadFormat
{
    /// <summary>Whether a payload is what its properties announce: UTF-8 where the indicator is 1, anything otherwise.</summary>
    public static bool IsValid(Properties properties, ReadOnlySpan<byte> payload) =>
        properties.Number(PropertyId.PayloadFormatIndicator) != 1 || Utf8.IsValid(payload);
}
