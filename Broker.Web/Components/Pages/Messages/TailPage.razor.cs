using Broker.Web.Components.Texts;
using Broker.Web.Operations;
using Broker.Web.Operations.Messages;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Messages;

/// <summary>Messages as they pass, sampled at the broker.</summary>
public sealed partial class TailPage
{
    private const int Kept = 50;

    private readonly CancellationTokenSource left = new();
    private List<TailMessageView> messages = [];
    private TailMessageView? shown;
    private string? problem;
    private long seen, skipped, heldBack;
    private bool isLive, isPaused;

    [SupplyParameterFromQuery]
    private string? Filter { get; set; }

    [Inject]
    private LiveTail Tail { get; set; } = null!;

    [Inject]
    private PayloadAccess Payloads { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    private string Wanted => Filter ?? "#";

    private string Counted => string.Join(" · ", new[]
    {
        $"{seen:N0} seen", skipped > 0 ? $"{skipped:N0} skipped" : null, isPaused ? $"{heldBack:N0} since the pause" : null,
    }.OfType<string>());

    /// <inheritdoc/>
    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            await FollowAsync(left.Token);
        }
        catch (InvalidInputException wrong)
        {
            problem = $"“{Shown.Of(Wanted)}” cannot be watched: {wrong.Message}.";
            isLive = true;
            StateHasChanged();
        }
    }

    // The broker looks four times a second; where there was nothing to see, nothing is sent to the page.
    private async Task FollowAsync(CancellationToken leaving)
    {
        await foreach (var batch in Payloads.For(await User.UserAsync(), Tail.MessagesAsync(Wanted, leaving)))
        {
            if (batch is { Items.Count: 0, Skipped: 0 } && isLive)
            {
                continue;
            }

            isLive = true;
            if (isPaused)
            {
                heldBack += batch.Items.Count + batch.Skipped;
            }
            else
            {
                heldBack = 0;
                seen += batch.Items.Count;
                skipped += batch.Skipped;
                messages = [.. batch.Items.Reverse().Concat(messages).Take(Kept)];
            }

            StateHasChanged();
        }
    }

    private void Clear() => (messages, seen, skipped) = ([], 0, 0);
}
