using Broker.Web.Persistence.Model.Identity;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence;

/// <summary>What a broker keeps copies of, or acts upon, while other processes may change it: each has a number that every change raises.</summary>
internal static class Revisions
{
    /// <summary>Users and tokens.</summary>
    public const string Users = "users";

    /// <summary>Access rules, and the groups that users belong to.</summary>
    public const string Access = "access";

    /// <summary>Raises a number. Called first in a transaction, so that changes of one kind are made one after the other, whichever process makes them.</summary>
    public static async Task RaiseAsync(this BrokerDbContext context, string name, CancellationToken cancellation)
    {
        if (context.Database.CurrentTransaction is null) throw new InvalidOperationException("A number is raised in the transaction of the change.");
        if (await context.Revisions.Where(row => row.Name == name).ExecuteUpdateAsync(row => row.SetProperty(one => one.Number, one => one.Number + 1), cancellation).ConfigureAwait(false) == 1) return;
        context.Revisions.Add(new RevisionRow { Name = name, Number = 1 });
    }
}
