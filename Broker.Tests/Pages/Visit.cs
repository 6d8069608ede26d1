using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Broker.Tests.Pages;

/// <summary>One look at one page, which writes down what no page may do: an error in the console, a request to somewhere else, a dialog.</summary>
public sealed class Visit
{
    readonly ConcurrentQueue<string> complaints = new();
    readonly List<string> expected = [];
    readonly string origin;

    Visit(IPage page, string origin)
    {
        Page = page;
        this.origin = origin;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Enqueue($"console {message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => complaints.Enqueue($"uncaught: {error}");
        page.Request += (_, request) => Check(request.Url);
        page.WebSocket += (_, socket) => Check(socket.Url);
        page.Dialog += (_, dialog) =>
        {
            complaints.Enqueue($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Opens a page.</summary>
    /// <param name="window">Where.</param>
    /// <param name="origin">The host, and the only one that the page may talk to.</param>
    /// <param name="path">The page's path and query.</param>
    /// <param name="forgets">Whether what earlier pages of the window kept is deleted before.</param>
    public static async Task<Visit> OpenAsync(IBrowserContext window, string origin, string path, bool forgets = false)
    {
        var visit = new Visit(await window.NewPageAsync(), origin);
        if (forgets) await ForgetAsync(visit.Page, origin);
        await visit.Page.GotoAsync(origin + path);
        return visit;
    }

    /// <summary>A complaint that holds these words belongs to this test.</summary>
    public void Expect(string words) => expected.Add(words);

    /// <summary>Everything that should not have been.</summary>
    public IEnumerable<string> Complaints => complaints.Where(complaint => !expected.Any(words => complaint.Contains(words, StringComparison.Ordinal)));

    static async Task ForgetAsync(IPage page, string origin)
    {
        var tools = await page.Context.NewCDPSessionAsync(page);
        await tools.SendAsync("Storage.clearDataForOrigin", new() { ["origin"] = origin, ["storageTypes"] = "local_storage,indexeddb" });
        await tools.DetachAsync();
    }

    void Check(string url)
    {
        var here = new Uri(origin);
        var there = new Uri(url);
        if (there.Scheme is not ("data" or "blob") && (there.Host != here.Host || there.Port != here.Port))
            complaints.Enqueue($"request to {url}");
    }
}
