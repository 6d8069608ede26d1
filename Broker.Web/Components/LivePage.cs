using Broker.Web.Operations;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components;

/// <summary>
/// A page whose data are there before it is rendered, and that looks again now and then while somebody looks at it. The first, static rendering
/// already shows them; the circuit takes over once it has loaded them too, so that nothing on the page moves.
/// </summary>
public abstract partial class LivePage : ComponentBase, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource left = new();

    /// <summary>Whether a circuit keeps it up to date.</summary>
    protected bool IsLive { get; private set; }

    /// <summary>For <c>data-live</c>, which asks for a circuit and tells when it is there.</summary>
    protected string Live => IsLive ? "true" : "false";

    /// <summary>Why the data could not be loaded, in words; what is shown is older then.</summary>
    protected string? Failure { get; private set; }

    /// <summary>Ends when the page is left.</summary>
    protected CancellationToken Left => left.Token;

    /// <summary>How often it looks again.</summary>
    protected virtual TimeSpan Every => TimeSpan.FromSeconds(2);

    [Inject]
    private ILoggerFactory Logs { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <inheritdoc/>
    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        await ReloadAsync();
        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads what the page shows.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellation);

    /// <summary>Loads now.</summary>
    protected async Task ReloadAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Left);
        patience.CancelAfter(Patience);
        try
        {
            await LoadAsync(patience.Token).WaitAsync(patience.Token);
            Failure = null;
        }
        catch (OperationCanceledException) when (!Left.IsCancellationRequested)
        {
            Failure = $"The database has not answered within {Patience.TotalSeconds:0} seconds.";
        }
        catch (Exception failure) when (failure is UnavailableException or InvalidInputException && !Left.IsCancellationRequested)
        {
            Failure = $"The data could not be loaded: {failure.Message}.";
        }
        catch (Exception failure) when (!Left.IsCancellationRequested)
        {
            if (Failure is null)
            {
                LogFailure(Logs.CreateLogger(GetType()), failure); // once, not at every look
            }

            Failure = "The data could not be loaded, and nobody expected that; the broker's log says more.";
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        IsLive = true; // Only a circuit gets here: the static rendering ends before.
        StateHasChanged();
        using var ticks = new PeriodicTimer(Every, Time);
        var leaving = Left;
        try
        {
            while (await ticks.WaitForNextTickAsync(leaving))
            {
                await ReloadAsync();
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page could not load its data")]
    private static partial void LogFailure(ILogger logger, Exception failure);
}
