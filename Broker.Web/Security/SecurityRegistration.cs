using Broker.Web.Configuration;
using Broker.Web.Persistence.Model;
using Broker.Web.Security.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;

namespace Broker.Web.Security;

/// <summary>Puts accounts, API keys and the policies of <see cref="Scopes"/> into the host.</summary>
public static class SecurityRegistration
{
    private const string Either = "Either";
    private const int HashRounds = 210_000; // OWASP's count for PBKDF2 with HMAC-SHA512

    /// <summary>Registers who may do what, and how they show who they are.</summary>
    public static void AddSecurity(this WebApplicationBuilder builder, HostSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(settings.Admin);
        services.AddSingleton<Credentials>();
        services.AddSingleton<Administration>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<SetupLink>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<SignInCheck>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<ThisMachine>();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = HashRounds);
        services.AddSingleton<IPasswordHasher<AdministratorRow>, PasswordHasher<AdministratorRow>>();
        services.AddHostedService<AdministrationService>();
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, options => options.ForwardDefaultSelector = http => http.Request.Headers.Authorization.Count > 0 ? AuthorizationHeader.Name : SessionCookie.Name)
            .AddScheme<AuthenticationSchemeOptions, AuthorizationHeader>(AuthorizationHeader.Name, null)
            .AddCookie(SessionCookie.Name, options => SessionCookie.Configure(options, settings));
        AddPolicies(services.AddAuthorizationBuilder());
    }

    /// <summary>Puts authentication and authorization before whatever is mapped.</summary>
    public static void MapSecurity(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
    }

    private static void AddPolicies(AuthorizationBuilder authorization)
    {
        foreach (var scope in Scopes.All) authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireClaim(Claims.Scope, scope));
        authorization.AddPolicy(Scopes.ReadOrLocal, policy => policy.RequireAssertion(asked =>
            asked.User.HasClaim(Claims.Scope, Scopes.Read) || (asked.Resource is HttpContext http && http.RequestServices.GetRequiredService<ThisMachine>().IsLocal(http))));
    }
}
