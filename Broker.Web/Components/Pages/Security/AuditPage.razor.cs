using Broker.Web.Operations;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Security;

/// <summary>Who changed what. What is looked for, and where the page begins, stands in its address.</summary>
public sealed partial class AuditPage
{
    private const int Rows = 100;

    private string failure = "";
    private IReadOnlyList<AuditRow> rows = [];
    private long? older;

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [Inject]
    private AuditTrail Audit { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "actor")]
    private string? Who { get; set; }

    [SupplyParameterFromQuery(Name = "action")]
    private string? What { get; set; }

    [SupplyParameterFromQuery]
    private string? Target { get; set; }

    [SupplyParameterFromQuery]
    private long? Before { get; set; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        try
        {
            var read = await StoreFailures.ReadAsync(() => Audit.ReadAsync(new AuditFilter(Who, What, Target), Before, Rows + 1, Http.RequestAborted));
            rows = [.. read.Take(Rows)];
            older = read.Count > Rows ? rows[Rows - 1].Id : null;
        }
        catch (UnavailableException away)
        {
            failure = $"The data could not be loaded: {away.Message}.";
            Http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    private string Link(long? before) => Navigation.GetUriWithQueryParameter("before", before);
}
