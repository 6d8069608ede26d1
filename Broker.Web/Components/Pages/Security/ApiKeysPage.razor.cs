using System.Globalization;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Security;

/// <summary>The keys of the REST API. A new one is shown once, in the answer to the form.</summary>
public sealed partial class ApiKeysPage
{
    private string failure = "", created = "";

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [Inject]
    private ApiKeys Keys { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromForm]
    private string? Name { get; set; }

    [SupplyParameterFromForm(Name = "scopes")]
    private string[]? Chosen { get; set; }

    [SupplyParameterFromForm]
    private string? Days { get; set; }

    private DateTime? ExpiresAt =>
        string.IsNullOrWhiteSpace(Days) ? null
        : int.TryParse(Days, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 36_500 ? Time.GetUtcNow().UtcDateTime.AddDays(days)
        : throw new RefusedException(RefusalKind.Invalid, "days", "allowed is a number of days from 1 to 36500");

    private async Task CreateAsync() =>
        failure = await FormChange.TryAsync(Http, async () => created = (await Keys.CreateAsync(Name ?? "", Chosen ?? [], ExpiresAt, Actor.Of(Http), Http.RequestAborted)).Key);

    private async Task RevokeAsync(string id)
    {
        failure = await FormChange.TryAsync(Http, () => Keys.RevokeAsync(id, Actor.Of(Http), Http.RequestAborted));
        if (failure.Length == 0) Navigation.NavigateTo("api-keys");
    }
}
