using Broker.Web.Persistence;
using Broker.Web.Persistence.Model.Identity;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.Users;

/// <summary>Replaces hashes that another broker made, or that are of an older kind, by ours, at the one moment at which the password is known: when it was right.</summary>
internal sealed partial class PasswordRenewal(IDbContextFactory<BrokerDbContext> tables, UserPasswords passwords, ILogger<PasswordRenewal> log)
{
    /// <summary>Replaces the hash of a user; nobody's connection ends for it. Where that fails, the next right password tries again.</summary>
    public void Renew(UserRow user, string password)
    {
        try
        {
            string old = user.PasswordHash!;
            var made = new UserRow { Name = user.Name, Groups = "", SecurityStamp = "" };
            passwords.Set(made, password);
            using var context = tables.CreateDbContext();
            context.Users.Where(row => row.Name == made.Name && row.PasswordHash == old).ExecuteUpdate(row => row // another may have been set meanwhile
                .SetProperty(one => one.PasswordHash, made.PasswordHash).SetProperty(one => one.ScramSalt, made.ScramSalt).SetProperty(one => one.ScramIterations, made.ScramIterations)
                .SetProperty(one => one.ScramStoredKey, made.ScramStoredKey).SetProperty(one => one.ScramServerKey, made.ScramServerKey));
        }
        catch (Exception failure)
        {
            LogFailed(log, user.Name, failure.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The password of '{User}' was right, but its hash could not be replaced by a newer one: {Why}")]
    private static partial void LogFailed(ILogger log, string user, string why);
}
