using Broker.Web.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security;

/// <summary>Changes the tables of administration, one change after the other, each with its row of the audit in the same transaction.</summary>
internal sealed class Administration(IDbContextFactory<BrokerDbContext> tables, Credentials credentials, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>Told when a change has raised a number.</summary>
    public event Action? Raised;

    /// <summary>Now, in UTC.</summary>
    public DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Makes one change; nothing of it stays if it fails.</summary>
    /// <param name="by">Who changes.</param>
    /// <param name="action">What is done, for the audit.</param>
    /// <param name="target">To what.</param>
    /// <param name="detail">What else there is to say, or null.</param>
    /// <param name="change">Changes rows of the context; a <see cref="RefusedException"/> leaves everything as it was.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public Task ChangeAsync(Actor by, string action, string target, string? detail, Func<BrokerDbContext, Task> change, CancellationToken cancellation = default) =>
        ChangeAsync([], by, action, target, detail, change, cancellation);

    /// <summary>Makes one change of something that brokers hold copies of, and raises its number in the same transaction; see <see cref="Revisions"/>.</summary>
    /// <inheritdoc cref="ChangeAsync(Actor, string, string, string?, Func{BrokerDbContext, Task}, CancellationToken)"/>
    /// <param name="revisions">The numbers to raise.</param>
    /// <param name="by">Who changes.</param>
    /// <param name="action">What is done, for the audit.</param>
    /// <param name="target">To what.</param>
    /// <param name="detail">What else there is to say, or null.</param>
    /// <param name="change">Changes rows of the context.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task ChangeAsync(
        IReadOnlyCollection<string> revisions, Actor by, string action, string target, string? detail, Func<BrokerDbContext, Task> change, CancellationToken cancellation = default)
    {
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await using var context = tables.CreateDbContext();
            await using var transaction = await context.Database.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            foreach (string name in revisions.Order(StringComparer.Ordinal)) await context.RaiseAsync(name, cancellation).ConfigureAwait(false);
            await change(context).ConfigureAwait(false);
            context.Audit.Add(AuditTrail.Row(by.Did(time.GetUtcNow(), action, target, detail)));
            await context.SaveChangesAsync(cancellation).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            if (revisions.Count == 0) await credentials.ReadAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
        if (revisions.Count > 0) Raised?.Invoke();
    }

    public void Dispose() => turn.Dispose();
}

/// <summary>Why a change of administration is refused.</summary>
internal enum RefusalKind
{
    /// <summary>What was given is not allowed.</summary>
    Invalid,

    /// <summary>There is no such thing.</summary>
    Unknown,

    /// <summary>It cannot be as things stand, such as a name that is taken.</summary>
    Conflict,
}

/// <summary>A change of administration is refused, and nothing was changed.</summary>
internal sealed class RefusedException(RefusalKind kind, string about, string message) : Exception(message)
{
    /// <summary>Why, for the status of an answer.</summary>
    public RefusalKind Kind => kind;

    /// <summary>The field that it is about, as REST names it; empty if it is about none.</summary>
    public string About => about;
}
