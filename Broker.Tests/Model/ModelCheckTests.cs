using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace Broker.Tests.Model;

/// <summary>
/// A naive model of the standard and the real broker agree on random scripts: what each client gets, step by step. A disagreement shows the shortest script
/// that leads to it. <c>SCRIPTS</c> in the environment sets how many are tried, <c>SEED</c> where they begin.
/// </summary>
public sealed class ModelCheckTests(ITestOutputHelper output)
{
    private static readonly int Count = Setting("SCRIPTS", 10_000);
    private static readonly int Seed = Setting("SEED", 20_263);

    [Fact]
    public async Task The_model_and_the_broker_agree_on_random_scripts()
    {
        output.WriteLine($"{Count} scripts, seed {Seed}");
        int steps = 0;
        List<Step>? wrong = null;
        await Parallel.ForAsync(0, Count, async (i, _) =>
        {
            if (Volatile.Read(ref wrong) is not null) return;
            var script = Script(i);
            Interlocked.Add(ref steps, script.Count);
            if (await TryAsync(script) is not null) Interlocked.CompareExchange(ref wrong, script, null);
        });
        output.WriteLine($"{steps} steps");
        if (wrong is not null) Assert.Fail(await ExplainAsync(wrong));
        steps.ShouldBeGreaterThan(Count * 15, "scripts became too short to show anything");
    }

    private static List<Step> Script(int number) => new ScriptGenerator(new Random(unchecked(Seed * 1_000_003 + number))).Next();

    private static async Task<DisagreementException?> TryAsync(IReadOnlyList<Step> script)
    {
        try
        {
            await ScriptRun.RunAsync(script);
            return null;
        }
        catch (DisagreementException disagreement)
        {
            return disagreement;
        }
    }

    private static async Task<string> ExplainAsync(List<Step> script)
    {
        var shortest = await Shrink.ShortestAsync(script, TryAsync);
        var text = new StringBuilder($"The model and the broker disagree (seed {Seed}). The shortest script that shows it:\n");
        for (int i = 0; i < shortest.Count; i++) text.Append(CultureInfo.InvariantCulture, $"{i + 1,4}. {shortest[i]}\n");
        return text.Append((await TryAsync(shortest))?.Message ?? "it shows up only now and then").ToString();
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
