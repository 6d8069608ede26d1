namespace Broker.Web.Components.Parts.Access;

/// <summary>What is entered about a user of MQTT.</summary>
public sealed class UserForm
{
    private static readonly char[] Separators = [' ', ','];

    /// <summary>The name, as clients send it.</summary>
    public string Name { get; set; } = "";

    /// <summary>The password; empty for none.</summary>
    public string Password { get; set; } = "";

    /// <summary>The groups, with spaces or commas between.</summary>
    public string Groups { get; set; } = "";

    /// <summary>What a new token is called.</summary>
    public string TokenName { get; set; } = "";

    /// <summary>Days that a new token counts; null for as long as it is not revoked.</summary>
    public int? Days { get; set; }

    /// <summary>The groups one by one.</summary>
    internal string[] GroupList => Groups.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
}
