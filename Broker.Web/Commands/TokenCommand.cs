using System.Globalization;
using Broker.Web.Configuration;
using Broker.Web.Security;
using Broker.Web.Security.Users;

namespace Broker.Web.Commands;

/// <summary>Tokens of devices on the command line.</summary>
internal static class TokenCommand
{
    private const string Named = "name", Expires = "expires", User = "user";
    private const int PageSize = 1_000;

    /// <summary>What can be asked for.</summary>
    public const string Usage = """
        token add USER [--name=TEXT] [--expires=30d | --expires=2027-01-31]
            makes a token, which a device sends as its password, and tells it this once
        token list [--user=USER]
            tells the tokens: id, user, name, state and when it was last used, with tabs between
        token revoke ID
            ends a token for ever, and the connections that it let in
        """;

    /// <summary>Runs it.</summary>
    public static Task<int> RunAsync(string[] args) => args switch
    {
        ["add", .. var rest] => Run(rest, ["USER"], [Named, Expires], AddAsync),
        ["list", .. var rest] => Run(rest, [], [User], ListAsync),
        ["revoke", .. var rest] => Run(rest, ["ID"], [], RevokeAsync),
        _ => CommandLine.TellUsageAsync(Usage, args),
    };

    private static Task<int> Run(string[] args, string[] words, string[] options, Func<CommandArguments, Tokens, Actor, Task> work)
    {
        var arguments = new CommandArguments(args, words, options);
        return StoreCommand.RunAsync(arguments, store => work(arguments, new Tokens(store.Tables, store.Administration, store.Hashes), store.By));
    }

    private static async Task AddAsync(CommandArguments arguments, Tokens tokens, Actor by)
    {
        var (row, token) = await tokens.CreateAsync(arguments.Words[0], arguments[Named], Until(arguments[Expires]), by);
        await Console.Error.WriteLineAsync($"The token {row.Id} of {row.UserName} was made. It is told this once:");
        await Console.Out.WriteLineAsync(token); // alone, for programs
    }

    private static async Task ListAsync(CommandArguments arguments, Tokens tokens, Actor by)
    {
        string? after = null;
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        while (await tokens.PageAsync(arguments[User], after, PageSize, CancellationToken.None) is { Count: > 0 } page)
        {
            foreach (var token in page)
            {
                string state = token.RevokedAt is { } revoked ? $"revoked {revoked:u}" : token.ExpiresAt is not { } end ? "" : end <= now ? $"expired {end:u}" : $"until {end:u}";
                await Console.Out.WriteLineAsync($"{token.Id}\t{token.UserName}\t{token.Name}\t{state}\t{token.LastUsedAt:u}");
            }
            after = page[^1].Id;
        }
    }

    private static async Task RevokeAsync(CommandArguments arguments, Tokens tokens, Actor by)
    {
        await tokens.RevokeAsync(arguments.Words[0], by);
        await Console.Out.WriteLineAsync($"The token {arguments.Words[0]} was revoked.");
    }

    private static DateTime? Until(string? text) =>
        text is null ? null
        : Quantities.TryTime(text, out var span) ? TimeProvider.System.GetUtcNow().UtcDateTime + span
        : DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at) ? at
        : throw new InvalidDataException($"--{Expires}={text}: allowed is a time such as 30d or 12h, or a date such as 2027-01-31");
}
