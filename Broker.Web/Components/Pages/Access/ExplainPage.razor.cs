using Broker.Web.Security.Access;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Access;

/// <summary>Explains the rules. The question stands in the address, so that an answer can be shown to others.</summary>
public sealed partial class ExplainPage
{
    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "client")]
    private string? ClientId { get; set; }

    [SupplyParameterFromQuery(Name = "user")]
    private string? UserName { get; set; }

    [SupplyParameterFromQuery]
    private string? Anonymous { get; set; }

    [SupplyParameterFromQuery]
    private string? Local { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private AccessAsked Who => new(ClientId ?? "", "", "")
    {
        UserName = string.IsNullOrEmpty(UserName) ? null : UserName,
        IsAnonymous = Anonymous is not null,
        IsLocal = Local is not null ? true : null,
    };
}
