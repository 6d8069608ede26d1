using System.Globalization;
using Broker.Core.Access;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.Access;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Commands;

/// <summary>Rules of access on the command line.</summary>
internal static class AclCommand
{
    private const string MaximumQoS = "max-qos", NoRetain = "no-retain", Position = "position", Note = "note", Replace = "replace";
    private const string User = "user", Client = "client", QoS = "qos", Retain = "retain", Address = "address", Local = "local", Anonymous = "anonymous";

    /// <summary>What can be asked for.</summary>
    public const string Usage = """
        acl list
            tells the rules in the order in which they are asked: id, allow or deny, subject, action, filter, limits
            and note, with tabs between; the last is the default
        acl add allow|deny SUBJECT ACTION FILTER [--max-qos=0|1|2] [--no-retain] [--position=N] [--note=TEXT]
            adds a rule, at the end or at a place; SUBJECT is anyone, anonymous, user:NAME, group:NAME or client:ID,
            ACTION is publish, subscribe or both; in FILTER %u stands for the user's name and %c for the client's
        acl move ID POSITION
            moves a rule to another place, counted from 1
        acl remove ID
            removes a rule
        acl default [allow|deny]
            tells or sets what becomes of what no rule concerns
        acl explain ACTION TOPIC [--user=NAME | --anonymous] [--client=ID] [--qos=N] [--retain] [--address=IP] [--local]
            tells whether a client may publish to a topic or subscribe to a filter, by which rule, and the way to it;
            ends with 0 if it may, with 2 if not
        acl import FILE [--replace]
            adds the rules of an ACL file of Mosquitto at the end, or instead of all others
        """;

    /// <summary>Runs it.</summary>
    public static Task<int> RunAsync(string[] args) => args switch
    {
        ["list", .. var rest] => Run(rest, [], [], ListAsync),
        ["add", .. var rest] => Run(rest, ["allow or deny", "SUBJECT", "ACTION", "FILTER"], [MaximumQoS, NoRetain + "!", Position, Note], AddAsync),
        ["move", .. var rest] => Run(rest, ["ID", "POSITION"], [], MoveAsync),
        ["remove", .. var rest] => Run(rest, ["ID"], [], RemoveAsync),
        ["default"] => Run([], [], [], TellDefaultAsync),
        ["default", var first, .. var rest] when first.StartsWith("--", StringComparison.Ordinal) => Run([first, .. rest], [], [], TellDefaultAsync),
        ["default", .. var rest] => Run(rest, ["allow or deny"], [], SetDefaultAsync),
        ["explain", .. var rest] => ExplainAsync(rest),
        ["import", .. var rest] => Run(rest, ["FILE"], [Replace + "!"], ImportAsync),
        _ => CommandLine.TellUsageAsync(Usage, args),
    };

    private static Task<int> Run(string[] args, string[] words, string[] options, Func<CommandArguments, AccessRules, Actor, Task> work)
    {
        var arguments = new CommandArguments(args, words, options);
        return StoreCommand.RunAsync(arguments, store => work(arguments, new AccessRules(store.Tables, store.Administration, new AccessTables(store.Tables, store.Access)), store.By));
    }

    private static async Task ListAsync(CommandArguments arguments, AccessRules rules, Actor by)
    {
        var (rows, last) = await rules.ListAsync();
        foreach (var row in rows) await Console.Out.WriteLineAsync($"{row.Id}\t{(row.Allows ? "allow" : "deny")}\t{row.Subject}{(row.Name.Length > 0 ? ":" : "")}{row.Name}\t{row.Action}\t{row.Filter}\t{Limits(row)}\t{row.Note}");
        await Console.Out.WriteLineAsync($"default\t{(last is null ? "it cannot be understood, and everything is denied" : Word(last.Value))}");
    }

    private static async Task AddAsync(CommandArguments arguments, AccessRules rules, Actor by)
    {
        var (subject, name) = arguments.Words[1].IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? (arguments.Words[1][..colon], arguments.Words[1][(colon + 1)..]) : (arguments.Words[1], "");
        var draft = new RuleDraft(subject, name, arguments.Words[2], arguments.Words[3], Allows(arguments.Words[0]))
        {
            MaximumQoS = Number(arguments, MaximumQoS) ?? 2,
            MayRetain = arguments.Flag(NoRetain) != true,
            Note = arguments[Note] ?? "",
        };
        var row = await rules.AddAsync(draft, Number(arguments, Position), by);
        await Console.Out.WriteLineAsync($"The rule {row.Id} was added at place {row.Position}: {draft.Words}");
    }

    private static async Task MoveAsync(CommandArguments arguments, AccessRules rules, Actor by)
    {
        await rules.MoveAsync(Id(arguments), Whole(arguments.Words[1], "POSITION"), by);
        await Console.Out.WriteLineAsync($"The rule {arguments.Words[0]} stands at place {arguments.Words[1]} now.");
    }

    private static async Task RemoveAsync(CommandArguments arguments, AccessRules rules, Actor by)
    {
        await rules.RemoveAsync(Id(arguments), by);
        await Console.Out.WriteLineAsync($"The rule {arguments.Words[0]} was removed.");
    }

    private static async Task TellDefaultAsync(CommandArguments arguments, AccessRules rules, Actor by)
    {
        var (_, last) = await rules.ListAsync();
        if (last is null) throw new InvalidDataException($"the setting {AccessTables.DefaultKey} in the store cannot be understood, and everything is denied; set it");
        await Console.Out.WriteLineAsync(Word(last.Value) + last.Source switch { DefaultSource.Configuration => ", by the configuration", DefaultSource.Operators => "", _ => ", as nobody has set it" });
    }

    private static async Task SetDefaultAsync(CommandArguments arguments, AccessRules rules, Actor by)
    {
        bool allows = Allows(arguments.Words[0]);
        await rules.SetDefaultAsync(allows, by);
        await Console.Out.WriteLineAsync($"What no rule concerns is {(allows ? "allowed" : "denied")} now.");
    }

    private static async Task ImportAsync(CommandArguments arguments, AccessRules rules, Actor by)
    {
        string file = arguments.Words[0];
        var drafts = MosquittoAccessFile.Read(file);
        await rules.ImportAsync(drafts, arguments.Flag(Replace) == true, file, by);
        await Console.Out.WriteLineAsync($"{drafts.Count} rules were added.");
        if ((await rules.ListAsync()).Last?.Value == DefaultAccess.Allow)
            await Console.Out.WriteLineAsync("Mosquitto denies what no line allows; here it is allowed, as the default says. Set it with: acl default deny");
        await Console.Out.WriteLineAsync("Mosquitto takes every subscription and leaves out what may not be read; here a subscription needs a rule that covers its filter.");
    }

    private static async Task<int> ExplainAsync(string[] args)
    {
        var arguments = new CommandArguments(args, ["ACTION", "TOPIC"], User, Client, QoS, Retain + "!", Address, Local + "!", Anonymous + "!");
        bool allows = false;
        int exitCode = await StoreCommand.RunAsync(arguments, async store =>
        {
            var policy = await new AccessTables(store.Tables, store.Access).ReadAsync(CancellationToken.None);
            var asked = new AccessAsked(arguments[Client] ?? "", arguments.Words[0], arguments.Words[1])
            {
                UserName = arguments[User],
                IsAnonymous = arguments.Flag(Anonymous) == true,
                QoS = Number(arguments, QoS) ?? 0,
                Retain = arguments.Flag(Retain) == true,
                Address = arguments[Address],
                IsLocal = arguments.Flag(Local),
            };
            var told = AccessQuestions.Explain(policy, asked, await IdentityAsync(store, asked.ClientId));
            allows = told.Decision.Allows;
            foreach (var step in told.Way) await Console.Out.WriteLineAsync($"{step.Rule}: {step.Outcome}");
            string who = told.Client.UserName is { } user ? $"user {user}" : "an anonymous client";
            await Console.Out.WriteLineAsync($"{(allows ? "Allowed" : "Denied")} to {who}{(asked.ClientId.Length > 0 ? $", client {asked.ClientId}" : "")}, by {told.Decision}");
        });
        return exitCode == 0 && !allows ? 2 : exitCode;
    }

    // As the store knows it: a client that is connected without a session that outlives it is not found.
    private static async Task<ClientIdentity?> IdentityAsync(StoreAccess store, string clientId)
    {
        if (clientId.Length == 0 || clientId.Contains('\0', StringComparison.Ordinal)) return null;
        await using var context = store.Tables.CreateDbContext();
        var row = await context.Sessions.AsNoTracking().Where(session => session.ClientIdentifier == clientId && session.DiscardedAt == null).OrderByDescending(session => session.Key).FirstOrDefaultAsync();
        return row is null ? null : new ClientIdentity(clientId, row.UserName, null);
    }

    private static string Limits(AccessRuleRow row) =>
        string.Join(", ", new[] { row.MaximumQos < 2 ? $"at most QoS {row.MaximumQos}" : "", row.MayRetain ? "" : "without RETAIN" }.Where(word => word.Length > 0));

    private static string Word(DefaultAccess value) => value.ToString().ToLowerInvariant();

    private static bool Allows(string word) => word switch { "allow" => true, "deny" => false, _ => throw new InvalidDataException($"'{word}' is not known; allowed is allow or deny") };

    private static long Id(CommandArguments arguments) =>
        long.TryParse(arguments.Words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : throw new InvalidDataException($"{arguments.Words[0]}: ID is the number of a rule; acl list tells it");

    private static int Whole(string text, string name) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw new InvalidDataException($"{name} is {text}; allowed is a whole number");

    private static int? Number(CommandArguments arguments, string option) => arguments[option] is { } text ? Whole(text, "--" + option) : null;
}
