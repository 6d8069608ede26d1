using Broker.Core;
using Broker.Core.Access;
using Broker.Web.Configuration;
using Broker.Web.Security.External;
using Broker.Web.Security.Users;

namespace Broker.Web.Listeners;

/// <summary>Puts the broker into the host.</summary>
public static class BrokerExtensions
{
    /// <summary>Registers the broker, and the service that starts and stops it with the host.</summary>
    public static void AddBroker(this WebApplicationBuilder builder, HostSettings settings)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(settings.Broker);
        builder.Services.AddSingleton<IAuthenticator>(services => services.Before(services.GetRequiredService<UserAuthenticator>()));
        builder.Services.AddExternalChecks(settings);
        builder.Services.AddSingleton(new AccessControl { ClientsBringRules = settings.AsksOthers });
        builder.Services.AddSingleton<MqttBroker>();
        builder.Services.AddHostedService<BrokerService>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = BrokerService.StopTimeout);
    }
}
