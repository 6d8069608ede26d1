using System.Globalization;

namespace Broker.Bench;

/// <summary>The words of a command line, each taken once by who knows it; what is left at the end is known by nobody.</summary>
internal sealed class Arguments(IEnumerable<string> words)
{
    private readonly List<string> left = [.. words];

    /// <summary>Whether a word that needs no value was said.</summary>
    public bool Flag(string name) => left.Remove(name);

    /// <summary>The value of an option, or what holds without it.</summary>
    /// <exception cref="FormatException">Its value is missing.</exception>
    public string Text(string name, string otherwise)
    {
        int at = left.IndexOf(name);
        if (at < 0) return otherwise;
        if (at + 1 == left.Count) throw new FormatException($"{name} needs a value");
        string value = left[at + 1];
        left.RemoveRange(at, 2);
        return value;
    }

    /// <summary>An option cannot be left out.</summary>
    /// <exception cref="FormatException">It is missing.</exception>
    public void Need(string name)
    {
        if (!left.Contains(name)) throw new FormatException($"{name} is missing");
    }

    /// <summary>A whole number within bounds.</summary>
    /// <exception cref="FormatException">It is none, or beyond them.</exception>
    public int Number(string name, int otherwise, int least, int most) =>
        left.Contains(name) ? Number(name, Text(name, ""), least, most) : otherwise;

    /// <summary>A time, in seconds or parts of them.</summary>
    /// <exception cref="FormatException">It is none, or beyond its bounds.</exception>
    public TimeSpan Seconds(string name, TimeSpan otherwise, double least, double most)
    {
        if (!left.Contains(name)) return otherwise;
        string value = Text(name, "");
        return double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds >= least && seconds <= most
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}: '{value}' is no number of seconds from {least} to {most}"));
    }

    /// <summary>Whole numbers within bounds, with commas between them.</summary>
    /// <exception cref="FormatException">One is none, or beyond them.</exception>
    public IReadOnlyList<int> Numbers(string name, IReadOnlyList<int> otherwise, int least, int most) =>
        left.Contains(name) ? [.. Text(name, "").Split(',').Select(part => Number(name, part, least, most))] : otherwise;

    /// <summary>One of some words.</summary>
    /// <exception cref="FormatException">It is another one.</exception>
    public T Choice<T>(string name, T otherwise, params (string Word, T Meaning)[] choices)
    {
        if (!left.Contains(name)) return otherwise;
        string word = Text(name, "");
        foreach (var choice in choices)
            if (choice.Word == word) return choice.Meaning;
        throw new FormatException($"{name} is {string.Join(" or ", choices.Select(choice => choice.Word))}");
    }

    /// <summary>All must have been taken.</summary>
    /// <exception cref="FormatException">One is left.</exception>
    public void RequireNoMore()
    {
        if (left.Count > 0) throw new FormatException($"there is no option {left[0]}");
    }

    private static int Number(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number
            : throw new FormatException($"{name}: '{value}' is no number from {least} to {most}");
}
