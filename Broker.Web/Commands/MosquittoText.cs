using System.Text;

namespace Broker.Web.Commands;

/// <summary>The files of Mosquitto are texts in UTF-8.</summary>
internal static class MosquittoText
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The lines of a file.</summary>
    /// <exception cref="InvalidDataException">It is no text in UTF-8.</exception>
    public static IReadOnlyList<string> Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file, Utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException($"{file} is no text in UTF-8. Nothing was imported");
        }
    }
}
