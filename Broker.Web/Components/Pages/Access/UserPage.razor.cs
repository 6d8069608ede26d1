using Broker.Web.Components.Texts;
using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Access;

/// <summary>One user of MQTT: how they come in, their tokens, and whose sessions are theirs.</summary>
public sealed partial class UserPage
{
    private const int MostClients = 100;

    private UserRow? user;
    private Page<TokenRow>? tokens;
    private IReadOnlyList<ClientView> clients = [];

    [SupplyParameterFromQuery]
    private string? Name { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    private string? From { get; set; }

    [Inject]
    private UserDirectory Users { get; set; } = null!;

    [Inject]
    private Tokens Tokens { get; set; } = null!;

    [Inject]
    private ClientQueries Clients { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(10);

    /// <summary>Where the page of a user is, relative to the dashboard.</summary>
    internal static string AddressOf(string name) => $"access/users/user?name={Uri.EscapeDataString(name)}";

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        user = Name is null ? null : await StoreFailures.ReadAsync(() => Users.FindAsync(Name, cancellation));
        if (user is null) return;
        var after = Cursor.Parts(From, 1)?[0];
        var rows = await StoreFailures.ReadAsync(() => Tokens.PageAsync(user.Name, after, Cursor.DefaultLimit + 1, cancellation));
        tokens = Cursor.PageOf(rows, Cursor.DefaultLimit, row => Cursor.Of(row.Id));
        clients = Clients.OfUser(user.Name, MostClients + 1);
    }

    private string Until(TokenRow token) =>
        token.RevokedAt is { } revoked ? $"revoked {Times.Of(revoked)}"
        : token.ExpiresAt is { } end ? $"{(end <= Time.GetUtcNow().UtcDateTime ? "expired " : "")}{Times.Of(end)}"
        : "no end";
}
