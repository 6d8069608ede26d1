namespace Broker.Web.Configuration;

/// <summary>One scalar key of a section: its name, what is allowed, and where it goes.</summary>
/// <param name="Key">The key within its section.</param>
/// <param name="Allowed">What is allowed, for the error message.</param>
/// <param name="TrySet">Reads the text into the target; false when it is not allowed.</param>
internal sealed record Setting<T>(string Key, string Allowed, Func<T, string, bool> TrySet)
{
    public static Setting<T> Whole(string key, long least, long most, Action<T, long> set) =>
        new(key, $"allowed is a whole number from {least} to {most}",
            (target, text) => Quantities.TryWhole(text, out var value) && Accept(value >= least && value <= most, () => set(target, value)));

    public static Setting<T> Bytes(string key, long least, long most, Action<T, long> set) =>
        new(key, $"allowed is a number of bytes from {least} to {most}, or one with a unit such as 64 KiB",
            (target, text) => Quantities.TryBytes(text, out var value) && Accept(value >= least && value <= most, () => set(target, value)));

    public static Setting<T> Time(string key, TimeSpan least, TimeSpan most, Action<T, TimeSpan> set) =>
        new(key, $"allowed is a time from {Quantities.Show(least)} to {Quantities.Show(most)}, such as 500 ms, 10 s or 00:00:10",
            (target, text) => Quantities.TryTime(text, out var value) && Accept(value >= least && value <= most, () => set(target, value)));

    public static Setting<T> Flag(string key, Action<T, bool> set) =>
        new(key, "allowed is true or false", (target, text) => bool.TryParse(text, out var value) && Accept(true, () => set(target, value)));

    public static Setting<T> Choice<TChoice>(string key, Action<T, TChoice> set) where TChoice : struct, Enum =>
        new(key, $"allowed is {string.Join(", ", Enum.GetNames<TChoice>())}",
            (target, text) => Enum.TryParse<TChoice>(text, ignoreCase: true, out var value) && Accept(Enum.IsDefined(value), () => set(target, value)));

    public static Setting<T> Text(string key, int longest, Action<T, string> set) =>
        new(key, $"allowed is a text of at most {longest} characters", (target, text) => Accept(text.Length <= longest, () => set(target, text)));

    private static bool Accept(bool allowed, Action set)
    {
        if (allowed) set();
        return allowed;
    }
}
