using Broker.Core.Access;

namespace Broker.Web.Listeners;

/// <summary>Whether clients without credentials are let in, as it is configured.</summary>
internal static class AnonymousSetting
{
    /// <summary>What a setting means.</summary>
    /// <param name="configured">The setting, or null where nothing was set.</param>
    /// <param name="isLocal">Whether only clients of this machine come this way.</param>
    public static AnonymousAccess Read(bool? configured, bool isLocal) => configured switch
    {
        true => AnonymousAccess.Always,
        false => AnonymousAccess.Never,
        _ => isLocal ? AnonymousAccess.UntilUsersExist : AnonymousAccess.Never,
    };
}
