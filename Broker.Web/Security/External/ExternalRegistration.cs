using Broker.Core.Access;
using Broker.Web.Configuration;
using Broker.Web.Files;

namespace Broker.Web.Security.External;

/// <summary>Puts tokens and the hook before the users of the store.</summary>
internal static class ExternalRegistration
{
    /// <summary>Registers what is configured.</summary>
    public static void AddExternalChecks(this IServiceCollection services, HostSettings settings)
    {
        if (settings.Jwt.Keys is not null)
        {
            services.AddSingleton(settings.Jwt);
            services.AddSingleton<JwtCheck>();
            services.AddSingleton<ICredentialCheck>(provider => provider.GetRequiredService<JwtCheck>());
            services.AddSingleton<IFileReader, JwtKeyWatch>();
        }
        if (settings.Hook.Url.Length > 0)
        {
            services.AddSingleton(settings.Hook);
            services.AddSingleton(provider =>
                new HookCheck(settings.Hook, HookCheck.Handler(settings.Hook), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HookCheck>>()));
            services.AddSingleton<ICredentialCheck>(provider => provider.GetRequiredService<HookCheck>());
            if (settings.Hook.RecheckInterval > TimeSpan.Zero) services.AddHostedService<HookRecheck>();
        }
    }

    /// <summary>The users of the store, with those before them who are configured.</summary>
    public static IAuthenticator Before(this IServiceProvider services, IAuthenticator store) =>
        services.GetServices<ICredentialCheck>().ToList() is { Count: > 0 } checks ? new AuthenticatorChain(checks, store) : store;
}
