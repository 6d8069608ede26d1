using System.Net;
using System.Text;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Testing;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security;
using Broker.Web.Security.SignIn;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Broker.Tests.Security.Users;

/// <summary>Everything that decides who is let in, on tables in memory, without a host; its clock stands still.</summary>
internal sealed class UserBench : IPasswordHasher<AdministratorRow>, IAsyncDisposable
{
    /// <summary>Long enough.</summary>
    public const string Password = "correct horse battery staple";

    private readonly PasswordHasher<AdministratorRow> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 10 })); // what it costs is not what is tested
    private readonly CancellationTokenSource ending = new();
    private readonly PasswordCheck check;
    private readonly RevisionWatch watch;
    private readonly Task watching;
    private int compared;

    public UserBench(params User[] configured)
    {
        var options = new BrokerOptions { Users = [.. configured] };
        Tables = new BrokerTables(new StorageSettings(StorageProvider.Memory, "", ""));
        Hashes = new KeyedHashes(Tables);
        Administration = new Administration(Tables, new Web.Security.Credentials(Tables, Hashes, Clock), Clock);
        var passwords = new UserPasswords(this);
        Users = new UserDirectory(Tables, Administration, passwords);
        Tokens = new Tokens(Tables, Administration, Hashes);
        Lookup = new UserLookup(Tables);
        watch = new RevisionWatch(Tables, Clock, NullLogger<RevisionWatch>.Instance);
        Admissions = new Admissions(Lookup, watch, options);
        check = new PasswordCheck(passwords, new PasswordRenewal(Tables, passwords, NullLogger<PasswordRenewal>.Instance), Clock);
        Authenticator = new UserAuthenticator(options, Lookup, Admissions, check, Tokens, new UnknownSalts(Tables), Clock, NullLogger<UserAuthenticator>.Instance);
        Administration.Raised += Admissions.Doubt;
        Administration.Raised += watch.Look;
        watching = watch.RunAsync(ending.Token);
    }

    public ManualTime Clock { get; } = new();

    public BrokerTables Tables { get; }

    public Administration Administration { get; }

    public KeyedHashes Hashes { get; }

    public UserDirectory Users { get; }

    public Tokens Tokens { get; }

    public UserLookup Lookup { get; }

    public Admissions Admissions { get; }

    public UserAuthenticator Authenticator { get; }

    public PasswordCheck Check => check;

    /// <summary>How many passwords were compared with a hash.</summary>
    public int Compared => Volatile.Read(ref compared);

    /// <summary>Called on the thread of each comparison.</summary>
    public Action? Comparing { get; set; }

    public Task AddAsync(string name, string? password = Password, params string[] groups) => Users.AddAsync(name, password, groups, false, Actor.Configuration);

    /// <summary>What becomes of a client.</summary>
    public Task<Admission> AskAsync(string? name, string? password, string from = "192.0.2.1", AnonymousAccess anonymous = AnonymousAccess.Never, string? certified = null) =>
        Authenticator.AuthenticateAsync(
            new Core.Access.Credentials("client", name, password is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(password), new IPEndPoint(IPAddress.Parse(from), 50_000), anonymous) { CertifiedUserName = certified },
            ending.Token).AsTask();

    /// <summary>The reason that a client would be given.</summary>
    public async Task<ReasonCode> ReasonAsync(string? name, string? password, string from = "192.0.2.1", AnonymousAccess anonymous = AnonymousAccess.Never) => (await AskAsync(name, password, from, anonymous)).Reason;

    /// <summary>Comes back when a change has been acted upon.</summary>
    public async Task ActAsync(Func<Task> change)
    {
        int round = Admissions.Rounds;
        await change();
        await UntilAsync(() => Admissions.Rounds > round);
    }

    /// <summary>Comes back when something holds.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds()) await Task.Delay(TimeSpan.FromMilliseconds(2), deadline.Token);
    }

    public string HashPassword(AdministratorRow user, string password) => hasher.HashPassword(user, password);

    public PasswordVerificationResult VerifyHashedPassword(AdministratorRow user, string hashedPassword, string providedPassword)
    {
        Interlocked.Increment(ref compared);
        Comparing?.Invoke();
        return hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        check.Dispose();
        watch.Dispose();
        Administration.Dispose();
        await Tables.DisposeAsync();
        ending.Dispose();
    }
}
