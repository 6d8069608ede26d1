using Broker.Web.Configuration;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Broker.Web.Security.Access;
using Broker.Web.Security.SignIn;
using Broker.Web.Security.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security;

/// <summary>Puts accounts, API keys and the policies of <see cref="Scopes"/> into the host.</summary>
public static class SecurityRegistration
{
    private const string Either = "Either";

    /// <summary>Rounds of each password's hash: OWASP's count for PBKDF2 with HMAC-SHA512.</summary>
    public const int HashRounds = 210_000;

    /// <summary>Registers who may do what, and how they show who they are.</summary>
    public static void AddSecurity(this WebApplicationBuilder builder, HostSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(settings.Admin);
        services.AddSingleton<KeyedHashes>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<Administration>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<AuditTrail>();
        AddSignIn(services, settings);
        services.AddUsers();
        services.AddAccess(settings);
        services.AddHostedService<AdministrationService>();
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, options => options.ForwardDefaultSelector = http => http.Request.Headers.Authorization.Count > 0 ? AuthorizationHeader.Name : SessionCookie.Name)
            .AddScheme<AuthenticationSchemeOptions, AuthorizationHeader>(AuthorizationHeader.Name, null)
            .AddCookie(SessionCookie.Name, options => SessionCookie.Configure(options, settings));
        AddPolicies(services.AddAuthorizationBuilder());
        services.AddCascadingAuthenticationState();
        KeepKeysInStore(services);
    }

    /// <summary>Puts authentication and authorization before whatever is mapped, and maps the end of a session.</summary>
    public static void MapSecurity(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<EarlyGuard>().CheckAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(app.Services.GetRequiredService<CookieGuard>().CheckAsync);
        app.MapSignOut();
    }

    private static void AddSignIn(IServiceCollection services, HostSettings settings)
    {
        services.AddSingleton<ThisMachine>();
        services.AddSingleton<SetupLink>();
        services.AddSingleton(provider => new SignInThrottle(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SignInCheck>();
        services.AddSingleton(provider => new RecentPasswords(provider.GetRequiredService<TimeProvider>(), TimeSpan.FromMinutes(5)));
        services.AddSingleton<SignInSession>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<LiveSessions>();
        services.AddSingleton<CookieGuard>();
        services.AddSingleton<EarlyGuard>();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = HashRounds);
        services.AddSingleton<IPasswordHasher<AdministratorRow>, PasswordHasher<AdministratorRow>>();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "broker-form";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
    }

    private static void AddPolicies(AuthorizationBuilder authorization)
    {
        foreach (var scope in Scopes.All) authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireClaim(Claims.Scope, scope));
        authorization.AddPolicy(Scopes.ReadOrLocal, policy => policy.RequireAssertion(asked =>
            asked.User.HasClaim(Claims.Scope, Scopes.Read) || (asked.Resource is HttpContext http && http.RequestServices.GetRequiredService<ThisMachine>().IsLocal(http))));
    }

    private static void KeepKeysInStore(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("Broker");
        services.AddOptions<KeyManagementOptions>().Configure<IDbContextFactory<BrokerDbContext>>((keys, tables) =>
        {
            keys.XmlRepository = new KeysInStore(tables);
            keys.XmlEncryptor = new NullXmlEncryptor();
        });
        // It would read the keys at start, before the tables are there, and hold the start up for it.
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Name == "DataProtectionHostedService"));
    }
}
