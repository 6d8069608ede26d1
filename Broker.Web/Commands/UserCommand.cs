using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Broker.Web.Commands;

/// <summary>Users of MQTT on the command line.</summary>
internal static class UserCommand
{
    private const string Groups = "groups", Disabled = "disabled", NoPassword = "no-password", Prefix = "prefix", Replace = "replace";
    private const int PageSize = 1_000;

    private static readonly string[] Name = ["NAME"];

    /// <summary>What can be asked for.</summary>
    public const string Usage = """
        user add NAME [--groups=A,B] [--disabled] [--password-file=FILE | --no-password]
            adds a user of MQTT; the password is asked for, or read from standard input
        user password NAME [--password-file=FILE | --no-password]
            gives a user another password, or none; their connections end
        user change NAME [--groups=A,B] [--disabled=true|false]
            changes groups, keeps a user out or lets them in again
        user remove NAME
            removes a user with their tokens; their connections end
        user list [--prefix=TEXT]
            tells the users: name, groups, and whether they are disabled or without a password, with tabs between
        user import FILE [--replace]
            adds the users of a password file of Mosquitto; those that there are stay as they are, or get the file's hash
        """;

    /// <summary>Runs it.</summary>
    public static Task<int> RunAsync(string[] args) => args switch
    {
        ["add", .. var rest] => Run(rest, Name, [Groups, Disabled + "!", Disabled, PasswordInput.File, NoPassword + "!"], AddAsync),
        ["password", .. var rest] => Run(rest, Name, [PasswordInput.File, NoPassword + "!"], SetPasswordAsync),
        ["change", .. var rest] => Run(rest, Name, [Groups, Disabled], ChangeAsync),
        ["remove", .. var rest] => Run(rest, Name, [], RemoveAsync),
        ["list", .. var rest] => Run(rest, [], [Prefix], ListAsync),
        ["import", .. var rest] => Run(rest, ["FILE"], [Replace + "!"], ImportAsync),
        _ => CommandLine.TellUsageAsync(Usage, args),
    };

    private static Task<int> Run(string[] args, string[] words, string[] options, Func<CommandArguments, UserDirectory, Actor, Task> work)
    {
        var arguments = new CommandArguments(args, words, options);
        return StoreCommand.RunAsync(arguments, store => work(arguments, new UserDirectory(store.Tables, store.Administration, new UserPasswords(Hasher())), store.By));
    }

    private static async Task AddAsync(CommandArguments arguments, UserDirectory users, Actor by)
    {
        string name = arguments.Words[0];
        UserNames.Require(name); // before somebody types a password for it
        string? password = arguments.Flag(NoPassword) == true ? null : PasswordInput.Read(arguments[PasswordInput.File]);
        await users.AddAsync(name, password, arguments.List(Groups) ?? [], arguments.Flag(Disabled) ?? false, by);
        await Console.Out.WriteLineAsync($"The user {name} was added.");
    }

    private static async Task SetPasswordAsync(CommandArguments arguments, UserDirectory users, Actor by)
    {
        string name = arguments.Words[0];
        if (arguments.Flag(NoPassword) == true) await users.ClearPasswordAsync(name, by);
        else await users.ChangeAsync(name, PasswordInput.Read(arguments[PasswordInput.File]), null, null, by);
        await Console.Out.WriteLineAsync($"The password of {name} was changed.");
    }

    private static async Task ChangeAsync(CommandArguments arguments, UserDirectory users, Actor by)
    {
        var (groups, disabled) = (arguments.List(Groups), arguments.Flag(Disabled));
        if (groups is null && disabled is null) throw new InvalidDataException($"neither --{Groups} nor --{Disabled} is given");
        await users.ChangeAsync(arguments.Words[0], null, groups, disabled, by);
        await Console.Out.WriteLineAsync($"The user {arguments.Words[0]} was changed.");
    }

    private static async Task RemoveAsync(CommandArguments arguments, UserDirectory users, Actor by)
    {
        await users.RemoveAsync(arguments.Words[0], by);
        await Console.Out.WriteLineAsync($"The user {arguments.Words[0]} was removed.");
    }

    private static async Task ListAsync(CommandArguments arguments, UserDirectory users, Actor by)
    {
        string? after = null;
        while (await users.PageAsync(arguments[Prefix], after, PageSize, CancellationToken.None) is { Count: > 0 } page)
        {
            foreach (var user in page)
            {
                string state = string.Join(", ", new[] { user.IsDisabled ? "disabled" : "", user.PasswordHash is null ? "no password" : "" }.Where(word => word.Length > 0));
                await Console.Out.WriteLineAsync($"{user.Name}\t{user.Groups.Replace(' ', ',')}\t{state}");
            }
            after = page[^1].Name;
        }
    }

    private static async Task ImportAsync(CommandArguments arguments, UserDirectory users, Actor by)
    {
        string file = arguments.Words[0];
        bool replaces = arguments.Flag(Replace) == true;
        var (added, known) = await users.ImportAsync(MosquittoPasswordFile.Read(file), replaces, file, by);
        await Console.Out.WriteLineAsync($"{added} users were added{(known == 0 ? "" : replaces ? $", {known} got the hash of the file" : $"; {known} are there already and stay as they are (--{Replace} gives them the file's hash)")}.");
    }

    private static PasswordHasher<AdministratorRow> Hasher() => new(Options.Create(new PasswordHasherOptions { IterationCount = SecurityRegistration.HashRounds }));
}
