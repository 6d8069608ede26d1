using System.Text;
using Broker.Web.Persistence.Model;
using Microsoft.AspNetCore.Identity;

namespace Broker.Web.Security.SignIn;

/// <summary>Hashes passwords and compares them: a few at a time, on the pool, as each takes a tenth of a second of a processor.</summary>
internal sealed class Passwords(IPasswordHasher<AdministratorRow> hasher) : IDisposable
{
    /// <summary>Fewest characters.</summary>
    public const int Shortest = 10;

    /// <summary>Most bytes of UTF-8; longer ones are refused before they are hashed.</summary>
    public const int LongestBytes = 1_024;

    /// <summary>How many attempts may wait for their turn.</summary>
    private const int MostWaiting = 100;

    private readonly SemaphoreSlim turn = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Lazy<string> nobodys = new(() => hasher.HashPassword(null!, Guid.NewGuid().ToString()));
    private int waiting;

    /// <summary>What is wrong with a new password, or null.</summary>
    public static string? Fault(string password) =>
        password.Length < Shortest ? $"a password has at least {Shortest} characters"
        : IsTooLong(password) ? $"a password has at most {LongestBytes} bytes"
        : null;

    /// <summary>The hash of a new password.</summary>
    /// <exception cref="RefusedException">It is too short or too long.</exception>
    public async Task<string> HashAsync(string password, CancellationToken cancellation)
    {
        if (Fault(password) is { } fault) throw new RefusedException(RefusalKind.Invalid, "password", fault);
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => hasher.HashPassword(null!, password), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Whether it is the account's password. Without an account it takes as long, and never is.</summary>
    /// <returns>Null if too many wait already.</returns>
    public async Task<bool?> IsRightAsync(AdministratorRow? account, string password, CancellationToken cancellation)
    {
        if (IsTooLong(password)) return false;
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return null;
        }
        try
        {
            await turn.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
        try
        {
            var hash = account?.PasswordHash ?? nobodys.Value;
            var result = await Task.Run(() => hasher.VerifyHashedPassword(account!, hash, password), CancellationToken.None).ConfigureAwait(false);
            return account is not null && result != PasswordVerificationResult.Failed;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private static bool IsTooLong(string password) => password.Length > LongestBytes || Encoding.UTF8.GetByteCount(password) > LongestBytes;
}
