using Broker.Core;
using Broker.Web.Components.Parts.Access;
using Broker.Web.Security.Access;
using Microsoft.AspNetCore.Components;

namespace Broker.Web.Components.Pages.Clients;

/// <summary>What the rules say to the client, and whose its session is. The question stands in the address.</summary>
public sealed partial class ClientDetails
{
    private ExplainAnswer? told;
    private FieldProblem? wrong;

    [SupplyParameterFromQuery]
    private string? Action { get; set; }

    [SupplyParameterFromQuery]
    private string? Topic { get; set; }

    [SupplyParameterFromQuery]
    private string? QoS { get; set; }

    [SupplyParameterFromQuery]
    private string? Retain { get; set; }

    [Inject]
    private AccessQuestions Questions { get; set; } = null!;

    [Inject]
    private MqttBroker Broker { get; set; } = null!;

    private async Task ExplainAsync()
    {
        if (Topic is null) return;
        wrong = await FieldProblem.OfAsync(() =>
        {
            told = Questions.Answer(new AccessAsked(client!.ClientId, Action ?? "publish", Topic) { QoS = QuestionFields.QoSOf(QoS), Retain = Retain is not null });
            return Task.CompletedTask;
        });
        if (wrong is not null) told = null;
    }
}
