using Broker.Web.Components.Texts;
using Broker.Web.Operations;
using Broker.Web.Operations.Messages;
using Broker.Web.Security;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Messages;

/// <summary>The retained messages as a tree and as a table, by pages.</summary>
public sealed partial class RetainedList
{
    private const int LevelsShown = 200;

    private Page<RetainedView>? messages;
    private Page<TopicLevelView>? levels;
    private string? problem;
    private bool mayOperate, mayPublish;

    [SupplyParameterFromQuery]
    private string? Filter { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    private string? From { get; set; }

    [Inject]
    private RetainedQueries Queries { get; set; } = null!;

    [Inject]
    private PayloadAccess Payloads { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    private string All => Filter ?? "#";

    // The branch of the tree that the filter stands for: "a/b/#" is all below a/b.
    private string Branch => Filter is not null && Filter.EndsWith("/#", StringComparison.Ordinal) && !Filter[..^2].Contains('+', StringComparison.Ordinal) ? Filter[..^2] : "";

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        mayOperate = await User.MayAsync(Scopes.Operate);
        mayPublish = await User.MayAsync(Scopes.Publish);
        levels = Queries.Levels(Branch, cursor: null, LevelsShown);
        try
        {
            messages = Payloads.For(await User.UserAsync(), await Queries.ListAsync(prefix: null, Filter, From, limit: null));
            problem = null;
        }
        catch (InvalidInputException wrong)
        {
            problem = $"“{Shown.Of(wrong.Field == "filter" ? All : "cursor")}” cannot be used: {wrong.Message}.";
        }
    }
}
