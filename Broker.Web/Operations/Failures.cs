using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Operations;

/// <summary>What was asked for cannot be, as one of its parts is wrong.</summary>
/// <param name="part">The part, as the caller names it.</param>
/// <param name="problem">What is allowed, or what is wrong.</param>
public sealed class InvalidInputException(string part, string problem) : Exception(problem)
{
    /// <summary>The part that is wrong.</summary>
    public string Field => part;
}

/// <summary>One of the broker's limits keeps it from doing what was asked for.</summary>
public sealed class LimitReachedException(string problem) : Exception(problem);

/// <summary>The store is away, so that nothing can be changed or read there now.</summary>
public sealed class UnavailableException(string problem, Exception inner) : Exception(problem, inner);

/// <summary>Turns what databases throw into what callers are told.</summary>
internal static class StoreFailures
{
    /// <summary>Whether a database was away, as far as its failure tells: EF Core puts what may pass into another exception.</summary>
    public static bool IsAway(Exception failure) =>
        failure is DbException or DbUpdateException or TimeoutException or InvalidOperationException { InnerException: DbException or DbUpdateException };

    /// <summary>Runs a query.</summary>
    /// <exception cref="UnavailableException">The database is away.</exception>
    public static async Task<T> ReadAsync<T>(Func<Task<T>> query)
    {
        try
        {
            return await query();
        }
        catch (Exception away) when (IsAway(away))
        {
            throw new UnavailableException($"the database cannot be read: {away.InnerException?.Message ?? away.Message}", away);
        }
    }
}
