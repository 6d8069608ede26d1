namespace Broker.Tests.Model;

/// <summary>Makes a script that shows a disagreement shorter, as long as it shows one (delta debugging).</summary>
internal static class Shrink
{
    /// <summary>A script of which no step can be left out.</summary>
    public static async Task<List<Step>> ShortestAsync(List<Step> script, Func<IReadOnlyList<Step>, Task<DisagreementException?>> run)
    {
        if (await run(script) is { } found) script = script[..(found.Step + 1)];
        for (int size = Math.Max(1, script.Count / 2); ;)
        {
            bool shorter = false;
            for (int from = 0; from < script.Count;)
            {
                List<Step> without = [.. script.Take(from), .. script.Skip(from + size)];
                if (await run(without) is { } still)
                {
                    script = without[..Math.Min(without.Count, still.Step + 1)];
                    shorter = true;
                }
                else
                {
                    from += size;
                }
            }
            if (size == 1 && !shorter) return script;
            size = Math.Max(1, size / 2);
        }
    }
}
