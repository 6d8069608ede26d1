using Broker.Web.Operations;
using Broker.Web.Operations.Clients;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Messages;

/// <summary>All subscriptions, by pages, and who would get a message.</summary>
public sealed partial class SubscriptionList
{
    private Page<SubscriptionView>? subscriptions;
    private TopicReceiversView? receivers;
    private string? problem;

    [SupplyParameterFromQuery]
    private string? Topic { get; set; }

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    private string? From { get; set; }

    [Inject]
    private SubscriptionQueries Queries { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task LoadAsync(CancellationToken cancellation)
    {
        subscriptions = Queries.List(Text, From, limit: null);
        try
        {
            receivers = Topic is null ? null : Queries.ReceiversOf(Topic);
        }
        catch (InvalidInputException wrong)
        {
            problem = $"“{Texts.Shown.Of(Topic!)}” is no topic: {wrong.Message}.";
        }

        return Task.CompletedTask;
    }
}
