using System.Text;

namespace Broker.Tests.Testing;

/// <summary>
/// Reads bytes as the golden packets write them: hexadecimal pairs, <c>'text'</c> for its ASCII bytes, <c># a comment</c> to the end of the line;
/// <c>41*300</c> repeats a byte.
/// </summary>
public static class Hex
{
    /// <summary>The bytes that a notation stands for.</summary>
    /// <exception cref="FormatException">The notation is wrong.</exception>
    public static byte[] Parse(string notation)
    {
        var bytes = new List<byte>();
        foreach (string line in notation.Split('\n'))
        {
            for (int i = 0; i < line.Length && line[i] != '#';)
            {
                if (char.IsWhiteSpace(line[i])) i++;
                else if (line[i] == '\'') i = Text(line, i + 1, bytes);
                else i = Pair(line, i, bytes);
            }
        }
        return [.. bytes];
    }

    /// <summary>Bytes in pairs, for a message to a reader.</summary>
    public static string Format(ReadOnlySpan<byte> bytes)
    {
        const int Most = 96;
        string pairs = string.Join(' ', Convert.ToHexString(bytes[..Math.Min(bytes.Length, Most)]).Chunk(2).Select(pair => new string(pair)));
        return bytes.Length > Most ? $"{pairs} … ({bytes.Length} bytes)" : pairs;
    }

    private static int Text(string line, int start, List<byte> bytes)
    {
        int end = line.IndexOf('\'', start);
        if (end < 0) throw new FormatException($"a text without an end: {line}");
        bytes.AddRange(Encoding.ASCII.GetBytes(line[start..end]));
        return end + 1;
    }

    private static int Pair(string line, int start, List<byte> bytes)
    {
        byte value = Convert.ToByte(line.Substring(start, 2), 16);
        int end = start + 2;
        if (end == line.Length || line[end] != '*')
        {
            bytes.Add(value);
            return end;
        }
        int stop = end + 1;
        while (stop < line.Length && char.IsAsciiDigit(line[stop])) stop++;
        bytes.AddRange(Enumerable.Repeat(value, int.Parse(line[(end + 1)..stop], System.Globalization.CultureInfo.InvariantCulture)));
        return stop;
    }
}
