using System.Security.Claims;
using Broker.Web.Security;

namespace Broker.Web.Operations.Messages;

/// <summary>Who sees payloads: whoever may see messages, except accounts that are viewers, unless <c>Admin:ViewersSeePayloads</c> lets them.</summary>
internal sealed class PayloadAccess(AdminOptions options)
{
    /// <summary>Whether somebody sees them.</summary>
    public bool Allows(ClaimsPrincipal user) => options.ViewersSeePayloads || !user.IsInRole(Role.Viewer.Word());

    /// <summary>A retained message as somebody may see it.</summary>
    public RetainedView For(ClaimsPrincipal user, RetainedView message) => Allows(user) ? message : message with { Payload = message.Payload.Hide() };

    /// <summary>Retained messages as somebody may see them.</summary>
    public Page<RetainedView> For(ClaimsPrincipal user, Page<RetainedView> page) => page with { Items = [.. page.Items.Select(message => For(user, message))] };

    /// <summary>Messages that wait as somebody may see them.</summary>
    public Page<QueuedMessageView> For(ClaimsPrincipal user, Page<QueuedMessageView> page) =>
        Allows(user) ? page : page with { Items = [.. page.Items.Select(message => message with { Payload = message.Payload?.Hide() })] };

    /// <summary>Messages that passed as somebody may see them.</summary>
    public async IAsyncEnumerable<TailBatch<TailMessageView>> For(ClaimsPrincipal user, IAsyncEnumerable<TailBatch<TailMessageView>> batches)
    {
        await foreach (var batch in batches)
            yield return Allows(user) ? batch : batch with { Items = [.. batch.Items.Select(message => message with { Payload = message.Payload.Hide() })] };
    }
}
