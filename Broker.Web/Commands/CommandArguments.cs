namespace Broker.Web.Commands;

/// <summary>The arguments of a command with words and options of its own: <c>user add NAME --groups=a,b</c>; what is left over are settings of the broker.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads them.</summary>
    /// <param name="args">What follows the command's name and verb.</param>
    /// <param name="words">What the words that come first are called, in their order.</param>
    /// <param name="known">Options that take a value; those that end with <c>!</c> take none.</param>
    public CommandArguments(string[] args, string[] words, params string[] known)
    {
        Words = [.. args.TakeWhile(arg => !arg.StartsWith("--", StringComparison.Ordinal)).Take(words.Length)];
        var (settings, missing) = (new List<string>(), new List<string>());
        for (int i = Words.Count; i < args.Length; i++)
        {
            string name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..].Split('=')[0] : "";
            int equals = args[i].IndexOf('=', StringComparison.Ordinal);
            if (known.Contains(name + "!", StringComparer.OrdinalIgnoreCase) && equals < 0) options[name] = "true";
            else if (!known.Contains(name, StringComparer.OrdinalIgnoreCase)) settings.Add(args[i]);
            else if (equals >= 0) options[name] = args[i][(equals + 1)..];
            else if (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)) options[name] = args[++i];
            else missing.Add($"--{name}: it has no value");
        }
        Settings = [.. settings];
        Mistakes = [.. words.Skip(Words.Count).Select(word => $"{word} is missing"), .. missing, .. Arguments.Mistakes(Settings, [], [])];
    }

    /// <summary>The words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>What is for the configuration.</summary>
    public string[] Settings { get; }

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Mistakes { get; }

    /// <summary>The value of an option, or null.</summary>
    public string? this[string option] => options.GetValueOrDefault(option);

    /// <summary>Whether an option is given that takes no value, or <c>true</c>.</summary>
    /// <exception cref="InvalidDataException">It is neither true nor false.</exception>
    public bool? Flag(string option) => this[option] is not { } text ? null : bool.TryParse(text, out bool flag) ? flag : throw new InvalidDataException($"--{option}={text}: allowed is true or false");

    /// <summary>The items of a list, separated by commas, or null.</summary>
    public string[]? List(string option) => this[option]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
