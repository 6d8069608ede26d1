using Broker.Web.Components.Parts.Access;
using Broker.Web.Security.Access;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Access;

/// <summary>Explains the rules. The question stands in the address, so that an answer can be shown to others.</summary>
public sealed partial class ExplainPage
{
    private ExplainAnswer? told;
    private FieldProblem? problem;

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "client")]
    private string? ClientId { get; set; }

    [SupplyParameterFromQuery(Name = "user")]
    private string? UserName { get; set; }

    [SupplyParameterFromQuery]
    private string? Action { get; set; }

    [SupplyParameterFromQuery]
    private string? Topic { get; set; }

    [SupplyParameterFromQuery]
    private string? QoS { get; set; }

    [SupplyParameterFromQuery]
    private string? Retain { get; set; }

    [SupplyParameterFromQuery]
    private string? Local { get; set; }

    [Inject]
    private AccessQuestions Questions { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (Topic is null) return;
        problem = await FieldProblem.OfAsync(() =>
        {
            told = Questions.Answer(new AccessAsked(ClientId ?? "", Action ?? "publish", Topic)
            {
                UserName = UserName,
                QoS = QuestionFields.QoSOf(QoS),
                Retain = Retain is not null,
                IsLocal = Local is not null ? true : null,
            });
            return Task.CompletedTask;
        });
    }
}
