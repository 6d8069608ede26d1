using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Broker.Bench.Clients;
using Broker.Bench.Pairs;
using Broker.Tests.Api;
using Broker.Tests.Pages;
using Broker.Tests.Pages.Dashboard;
using Microsoft.Playwright;

namespace Broker.Tests.Load.Dashboard;

/// <summary>Looks at lists and pages of a broker, and at the time that it takes.</summary>
internal sealed class DashboardWatch(StoredHost host, int repeat)
{
    private const int FullPairs = 4, FullInflight = 200;

    /// <summary>The milliseconds until a list is there as a whole: the first time, and the median of all.</summary>
    public async IAsyncEnumerable<object> ListsAsync(IReadOnlyList<string> paths)
    {
        using var http = host.AsAdmin();
        foreach (string path in paths)
        {
            var times = new List<double>();
            for (int i = 0; i < repeat; i++)
            {
                long began = Stopwatch.GetTimestamp();
                using var answer = await http.GetAsync("/api/v1" + path);
                answer.EnsureSuccessStatusCode();
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            yield return Line("list", path, times);
        }
    }

    /// <summary>The milliseconds until the browser has a page's first data, which come with the page itself, and until its circuit has taken over.</summary>
    public async IAsyncEnumerable<object> PagesAsync(IReadOnlyList<string> paths)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await Browser.LaunchAsync(playwright);
        var page = await PageAsync(chromium);
        foreach (string path in paths)
        {
            var times = new List<double>();
            for (int i = 0; i < repeat; i++)
            {
                long began = Stopwatch.GetTimestamp();
                await page.GotoAsync(host.Origin + path, new() { WaitUntil = WaitUntilState.DOMContentLoaded });
                await page.Locator("main h1, main form, main section").First.WaitForAsync();
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (await page.Locator("[data-live]").CountAsync() > 0) await page.Locator("[data-live=true]").WaitForAsync();
            }
            yield return Line("page", path, times);
        }
    }

    /// <summary>The milliseconds of CPU that the broker takes each second, without and with overviews that are looked at.</summary>
    public async IAsyncEnumerable<object> OverviewsAsync(int open, TimeSpan span)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await Browser.LaunchAsync(playwright);
        yield return await CostAsync(0, span);
        await OpenOverviewsAsync(chromium, open);
        yield return await CostAsync(open, span);
    }

    /// <summary>The messages of QoS 0 that the broker carries at most, by the clock and by its processor time, in turn without and with overviews that are looked at.</summary>
    public async IAsyncEnumerable<object> ThroughputAsync(int open, TimeSpan span)
    {
        using var playwright = await Playwright.CreateAsync();
        using var broker = new ProcessMeter(host.Broker.Id);
        using var load = PairLoad.Start(new PairOptions { Target = new Target { Port = host.Broker.Port }, Pairs = FullPairs, Inflight = FullInflight });
        var rates = new Dictionary<int, List<Rate>> { [0] = [], [open] = [] };
        for (int i = 0; i < repeat; i++)
        {
            rates[0].Add(await load.MeasureAsync(span / 4, span, broker));
            await using var chromium = await Browser.LaunchAsync(playwright);
            await OpenOverviewsAsync(chromium, open);
            rates[open].Add(await load.MeasureAsync(span / 4, span, broker));
        }
        await load.StopAsync();
        foreach (var (shown, measured) in rates)
            yield return new { kind = "throughput", open = shown, perSecond = Median(measured, rate => rate.PerSecond), perCpuSecond = Median(measured, rate => rate.PerCpuSecond) };
    }

    private async Task OpenOverviewsAsync(IBrowser chromium, int open)
    {
        for (int i = 0; i < open; i++)
        {
            var page = await PageAsync(chromium);
            await page.GotoAsync(host.Origin);
            await page.Locator("[data-live=true]").WaitForAsync();
        }
    }

    private async Task<object> CostAsync(int open, TimeSpan span)
    {
        using var broker = Process.GetProcessById(host.Broker.Id);
        await Task.Delay(span / 4); // what opening them cost passes by
        var (before, sentBefore, began) = (broker.TotalProcessorTime, await SentAsync(), Stopwatch.GetTimestamp());
        await Task.Delay(span);
        broker.Refresh();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new { kind = "overviews", open, messagesPerSecond = Round((await SentAsync() - sentBefore) / seconds), cpuMillisecondsPerSecond = Round((broker.TotalProcessorTime - before).TotalMilliseconds / seconds) };
    }

    private async Task<double> SentAsync()
    {
        using var http = host.AsAdmin();
        var figures = await http.GetFromJsonAsync<JsonElement>("/api/v1/broker/stats");
        return figures.GetProperty("values").EnumerateArray().First(one => one.Text("name") == "$SYS/broker/publish/messages/sent").GetProperty("value").GetDouble();
    }

    private async Task<IPage> PageAsync(IBrowser chromium)
    {
        var window = await chromium.NewContextAsync();
        await window.AddCookiesAsync(host.AdminCookies);
        return await window.NewPageAsync();
    }

    private static double Median(List<Rate> rates, Func<Rate, double> figure) => rates.Select(figure).Order().ElementAt(rates.Count / 2);

    private static object Line(string kind, string path, List<double> times) =>
        new { kind, path, firstMilliseconds = Round(times[0]), medianMilliseconds = Round(times.Order().ElementAt(times.Count / 2)) };

    private static double Round(double milliseconds) => Math.Round(milliseconds, 1);
}
