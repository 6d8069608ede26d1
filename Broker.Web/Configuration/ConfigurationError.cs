using System.Text;

namespace Broker.Web.Configuration;

/// <summary>One thing that keeps the broker from starting, in words for the operator who can mend it.</summary>
/// <param name="Key">The configuration key, with colons.</param>
/// <param name="Value">What it holds, or null where the value must not be shown or there is none.</param>
/// <param name="Problem">What is wrong, or what is allowed.</param>
/// <param name="Remedy">What to do.</param>
public sealed record ConfigurationError(string Key, string? Value, string Problem, string Remedy)
{
    /// <summary>Where the value came from, such as a file or the command line; null when that is not known.</summary>
    public string? Source { get; init; }

    /// <summary>One line: key, value, source, problem and remedy.</summary>
    public override string ToString()
    {
        var line = new StringBuilder(Key);
        if (Value is not null) line.Append(" = \"").Append(OneLine(Value)).Append('"');
        if (Source is not null) line.Append(" (").Append(Source).Append(')');
        return line.Append(": ").Append(OneLine(Problem)).Append(". ").Append(OneLine(Remedy)).Append(Remedy.EndsWith('?') ? "" : ".").ToString();
    }

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).TrimEnd('.');
}

/// <summary>The configuration cannot be run with; holds every error that was found, not only the first.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>What was found, in the order of the keys.</summary>
    public IReadOnlyList<ConfigurationError> Errors => errors;
}
