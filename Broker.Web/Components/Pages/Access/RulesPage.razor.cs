using System.Globalization;
using Broker.Web.Operations;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.Access;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Access;

/// <summary>The rules of access in their order, and the default behind them.</summary>
public sealed partial class RulesPage
{
    private Page<AccessRuleRow>? rules;
    private LastRow? last;
    private int count;
    private bool mayAdminister;

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "rule")]
    private string? Only { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    private string? From { get; set; }

    [Inject]
    private AccessRules Rules { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(5);

    private bool IsFiltered => Text is not null || Only is not null;

    private bool IsOpen => last?.Allows == true;

    private string Origin => last?.Source switch
    {
        DefaultSource.Configuration => $"set by the configuration, {AccessTables.DefaultKey}",
        DefaultSource.Operators => "set here",
        DefaultSource.BuiltIn => "nobody has set it",
        _ => "what the store holds for it cannot be understood",
    };

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        mayAdminister = await User.MayAsync(Scopes.Admin);
        long after = Cursor.Number(From) ?? 0;
        (var rows, last) = await StoreFailures.ReadAsync(() => Rules.ListAsync(cancellation));
        count = rows.Count;
        var wanted = rows.Where(row => row.Position > after && (Only is null || row.Id.ToString(CultureInfo.InvariantCulture) == Only) && (Text is null || Holds(row.Name) || Holds(row.Filter) || Holds(row.Note)));
        rules = Cursor.PageOf([.. wanted.Take(Cursor.DefaultLimit + 1)], Cursor.DefaultLimit, row => Cursor.Of(row.Position.ToString(CultureInfo.InvariantCulture)));
    }

    private bool Holds(string text) => text.Contains(Text!, StringComparison.OrdinalIgnoreCase);

    private static string Effect(bool allows) => allows ? "state good" : "state bad";

    private static string Whom(AccessRuleRow rule) => rule.Subject switch
    {
        "anyone" => "anyone",
        "anonymous" => "anonymous clients",
        _ => $"{rule.Subject} {rule.Name}",
    };

    private static string What(AccessRuleRow? rule) => rule?.Action switch { "publish" => "publish", "subscribe" => "subscribe", _ => "publish and subscribe" };

    private static string Limits(AccessRuleRow rule) => string.Join(", ", new[]
    {
        rule.Allows && rule.MaximumQos < 2 ? $"at most QoS {rule.MaximumQos}" : null,
        rule.Allows && !rule.MayRetain ? "no RETAIN" : null,
    }.OfType<string>());
}
