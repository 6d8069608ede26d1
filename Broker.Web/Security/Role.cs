namespace Broker.Web.Security;

/// <summary>What an account of the dashboard may do.</summary>
public enum Role
{
    /// <summary>Sees everything but secrets.</summary>
    Viewer,

    /// <summary>Changes what goes on, and publishes.</summary>
    Operator,

    /// <summary>Administers accounts, API keys and settings too.</summary>
    Admin,
}

/// <summary>What stands behind the roles.</summary>
public static class Roles
{
    /// <summary>The scopes of a role.</summary>
    public static IReadOnlyList<string> Scopes(this Role role) => role switch
    {
        Role.Admin => Security.Scopes.All,
        Role.Operator => [Security.Scopes.Read, Security.Scopes.Operate, Security.Scopes.Publish],
        _ => [Security.Scopes.Read],
    };

    /// <summary>The role's name as it is stored and sent: <c>viewer</c>, <c>operator</c>, <c>admin</c>.</summary>
    public static string Word(this Role role) => role.ToString().ToLowerInvariant();

    /// <summary>The role that a word names.</summary>
    public static bool TryParse(string? word, out Role role) => Enum.TryParse(word, ignoreCase: true, out role) && Enum.GetNames<Role>().Contains(word, StringComparer.OrdinalIgnoreCase);
}
