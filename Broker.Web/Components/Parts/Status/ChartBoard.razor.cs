using Broker.Web.Components.Figures;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Broker.Web.Components.Parts.Status;

/// <summary>Charts over one axis of time, drawn in the browser: it gets all data once and then only what is new.</summary>
public sealed partial class ChartBoard(IJSRuntime script)
{
    private ElementReference board;
    private IJSObjectReference? module;
    private ChartData? shown;
    private bool isDrawn;

    /// <summary>The charts.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ChartDefinition> Charts { get; set; } = [];

    /// <summary>What they show at first, and again whenever it is another object.</summary>
    [Parameter, EditorRequired]
    public ChartData Data { get; set; } = null!;

    /// <summary>What stands above them.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>Adds a row: the time, and a value for each series.</summary>
    public async Task AppendAsync(double?[] row)
    {
        if (module is { } drawing && isDrawn)
        {
            await drawing.InvokeVoidAsync("append", board, row);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await (module?.DisposeAsync() ?? default);
        }
        catch (JSDisconnectedException)
        {
            // The page went first.
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            shown = Data;
            module = await script.InvokeAsync<IJSObjectReference>("import", "./js/charts/board.js");
            await module.InvokeVoidAsync("open", board, new { seconds = Data.Span.TotalSeconds, charts = Charts }, Data.Columns);
            isDrawn = true;
            StateHasChanged();
        }
        else if (isDrawn && shown != Data)
        {
            shown = Data;
            await module!.InvokeVoidAsync("replace", board, Data.Columns);
        }
    }
}
