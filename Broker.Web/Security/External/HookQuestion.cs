using System.Net;
using System.Text;
using System.Text.Json;

namespace Broker.Web.Security.External;

/// <summary>What the hook is asked.</summary>
internal static class HookQuestion
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The question as JSON: the same bytes for the same client with the same credentials from the same address.</summary>
    public static byte[] Of(Core.Access.Credentials credentials)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("clientId", credentials.ClientIdentifier);
            json.WriteString("userName", credentials.UserName);
            WritePassword(json, credentials.Password);
            json.WriteString("address", (credentials.Address as IPEndPoint)?.Address.ToString());
            if (credentials.CertifiedUserName is { } certified) json.WriteString("certifiedUserName", certified);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    // A password is any bytes (MQTT 5, section 3.1.3.6), and JSON knows text only.
    private static void WritePassword(Utf8JsonWriter json, ReadOnlyMemory<byte>? password)
    {
        try
        {
            json.WriteString("password", password is { } bytes ? Utf8.GetString(bytes.Span) : null);
        }
        catch (DecoderFallbackException)
        {
            json.WriteBase64String("passwordBase64", password!.Value.Span);
        }
    }
}
