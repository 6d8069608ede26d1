using Broker.Web.Components.Parts.Access;
using Broker.Web.Operations;
using Broker.Web.Persistence.Model.Identity;
using Broker.Web.Security;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Access;

/// <summary>The users of MQTT, by pages.</summary>
public sealed partial class UsersPage
{
    private Page<UserRow>? users;
    private UserForm? form;
    private FieldProblem? problem;
    private string? said;
    private bool isBusy;

    [SupplyParameterFromQuery]
    private string? Prefix { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    private string? From { get; set; }

    [Inject]
    private UserDirectory Users { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        var after = Cursor.Parts(From, 1)?[0];
        var rows = await StoreFailures.ReadAsync(() => Users.PageAsync(Prefix, after, Cursor.DefaultLimit + 1, cancellation));
        users = Cursor.PageOf(rows, Cursor.DefaultLimit, row => Cursor.Of(row.Name));
    }

    private async Task AddAsync()
    {
        isBusy = true;
        var wanted = form!;
        problem = await FieldProblem.OfAsync(async () => await Users.AddAsync(
            wanted.Name, wanted.Password.Length == 0 ? null : wanted.Password, wanted.GroupList, isDisabled: false, await User.RequireAsync(Scopes.Admin), Left));
        if (problem is null) (form, said) = (null, "The user was added.");
        isBusy = false;
        await ReloadAsync();
    }
}
