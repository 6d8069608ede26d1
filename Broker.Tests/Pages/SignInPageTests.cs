using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Broker.Tests.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Broker.Tests.Pages;

/// <summary>Signing in and out in a browser.</summary>
public sealed class SignInPageTests(Browser browser) : PageTests(browser)
{
    [Fact]
    public async Task A_wrong_password_is_told_and_the_right_one_leads_to_the_page_that_was_asked_for()
    {
        using var admin = Admin();
        await AddAsync(admin, "browsing");
        var visit = await OpenAsync(Browser.Origin, "/audit?target=browsing");
        visit.Expect("status of 401");
        visit.Expect("status of 403"); // a viewer may not see the audit
        await SignInAsync(visit.Page, "browsing", "wrong password");
        await Expect(visit.Page.Locator("[data-failure]")).ToHaveTextAsync("The name or the password is wrong.");

        await SignInAsync(visit.Page, "browsing", SignedIn.Password);
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("You may not see this page");
    }

    [Fact]
    public async Task A_live_page_leads_to_where_one_signs_in_as_soon_as_its_account_is_removed()
    {
        using var admin = Admin();
        await AddAsync(admin, "leaving");
        var visit = await OpenAsync(Browser.Origin, "/");
        // The broker ends the circuit; Blazor's script complains of that, and of an answer that it had under way.
        foreach (var words in new[] { "WebSocket", "Connection disconnected with error", "status of 401", "Failed to fetch", "Cannot send data if the connection is not in the 'Connected' State" })
            visit.Expect(words);
        await SignInAsync(visit.Page, "leaving", SignedIn.Password);
        await Expect(visit.Page.Locator("[data-live=true]")).ToBeVisibleAsync();

        (await admin.DeleteAsync("/api/v1/administrators/leaving")).EnsureSuccessStatusCode();

        await Expect(visit.Page.Locator("#password")).ToBeVisibleAsync();
        new Uri(visit.Page.Url).AbsolutePath.ShouldBe("/sign-in");
    }

    private HttpClient Admin()
    {
        var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{SignedIn.Password}"));
        return new HttpClient { BaseAddress = new Uri(Browser.Origin), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", pair) } };
    }

    private static async Task AddAsync(HttpClient admin, string name) =>
        (await admin.PostAsJsonAsync("/api/v1/administrators", new { name, password = SignedIn.Password, role = "viewer" })).EnsureSuccessStatusCode();

    private static async Task SignInAsync(IPage page, string name, string password)
    {
        await page.FillAsync("#name", name);
        await page.FillAsync("#password", password);
        await page.ClickAsync("form:has(#password) button[type=submit]");
    }
}
