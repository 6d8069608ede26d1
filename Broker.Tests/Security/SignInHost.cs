using Broker.Tests.Testing;
using Broker.Web.Persistence.Model;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Broker.Tests.Security;

/// <summary>A host with an administrator, which counts how many passwords it compares, by a clock that tests move.</summary>
public class SignInHost() : BrokerHostWithManualTime(("Admin:Password", SignedIn.Password), ("Mqtt:WebSockets:AllowAnonymous", "false"))
{
    internal CountingHasher Hasher { get; } = new();

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await this.AccountsReadAsync();
        (await WebSession.SignInAsync(this.Origin(), "admin", SignedIn.Password)).Dispose();
    }

    /// <inheritdoc/>
    protected override void AddServices(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<AdministratorRow>>(Hasher));
}
