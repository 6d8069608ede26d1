using Broker.Core.Access;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security.Users;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.Access;

/// <summary>Where the last row of the rules comes from.</summary>
internal enum DefaultSource
{
    /// <summary>Nobody has set it: what no rule concerns is allowed.</summary>
    BuiltIn,

    /// <summary>Operators have set it.</summary>
    Operators,

    /// <summary>The configuration sets it, and it cannot be changed otherwise.</summary>
    Configuration,
}

/// <summary>Reads the rules of access out of the store, as a whole or not at all.</summary>
internal sealed class AccessTables(IDbContextFactory<BrokerDbContext> tables, AccessOptions options)
{
    /// <summary>The key of the last row, in the configuration and in the table of settings alike.</summary>
    public const string DefaultKey = "Mqtt:Access:Default";

    /// <summary>Whether the configuration sets the last row.</summary>
    public bool IsConfigured => options.Default is not null;

    /// <summary>The whole policy.</summary>
    /// <exception cref="InvalidDataException">Something in the tables cannot be understood.</exception>
    public async Task<AccessPolicy> ReadAsync(CancellationToken cancellation)
    {
        await using var context = tables.CreateDbContext();
        return await PolicyAsync(context, await RowsAsync(context, cancellation).ConfigureAwait(false), null, cancellation).ConfigureAwait(false);
    }

    /// <summary>The policy that rows would make.</summary>
    /// <param name="context">Where the groups of users and the last row are read.</param>
    /// <param name="rows">The rows, in their order.</param>
    /// <param name="default">Another last row than that of the tables, or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <exception cref="InvalidDataException">Something in the tables cannot be understood.</exception>
    public async Task<AccessPolicy> PolicyAsync(BrokerDbContext context, IEnumerable<AccessRuleRow> rows, DefaultAccess? @default, CancellationToken cancellation)
    {
        var last = @default ?? (await DefaultAsync(context, cancellation).ConfigureAwait(false)).Value;
        var groups = await UserDirectory.GroupsAsync(context, cancellation).ConfigureAwait(false);
        return new AccessPolicy([.. rows.Select(AccessWords.Rule)], last == DefaultAccess.Allow, groups);
    }

    /// <summary>The rows, in their order.</summary>
    public static Task<List<AccessRuleRow>> RowsAsync(BrokerDbContext context, CancellationToken cancellation) =>
        context.AccessRules.OrderBy(row => row.Position).ThenBy(row => row.Id).ToListAsync(cancellation);

    /// <summary>The last row, and who has set it.</summary>
    /// <exception cref="InvalidDataException">It cannot be understood.</exception>
    public async Task<(DefaultAccess Value, DefaultSource Source)> DefaultAsync(BrokerDbContext context, CancellationToken cancellation)
    {
        if (options.Default is { } configured) return (configured, DefaultSource.Configuration);
        var stored = await context.SettingAsync(DefaultKey, cancellation).ConfigureAwait(false);
        return stored is null ? (DefaultAccess.Allow, DefaultSource.BuiltIn)
            : Enum.GetNames<DefaultAccess>().Contains(stored, StringComparer.Ordinal) ? (Enum.Parse<DefaultAccess>(stored), DefaultSource.Operators)
            : throw new InvalidDataException($"the setting {DefaultKey} is '{stored}'; allowed is {string.Join(", ", Enum.GetNames<DefaultAccess>())}");
    }
}
