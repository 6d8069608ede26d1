using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Clients;

/// <summary>The clients, by pages.</summary>
public sealed partial class ClientList
{
    private Page<ClientView>? clients;
    private bool mayOperate;

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery]
    private string? State { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    private string? From { get; set; }

    [Inject]
    private ClientQueries Queries { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    private bool IsFiltered => Text is not null || Wanted is not null;

    private ClientState? Wanted => Enum.TryParse<ClientState>(State, ignoreCase: true, out var state) ? state : null;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        mayOperate = await User.MayAsync(Scopes.Operate);
        clients = await Queries.ListAsync(new ClientFilter(Text, State: Wanted), From, limit: null);
    }
}
