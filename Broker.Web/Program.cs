using Broker.Web.Components;
using Broker.Web.Configuration;
using Broker.Web.Listeners;

return await Startup.GuardAsync(async () =>
{
    var builder = HostFiles.CreateBuilder(args);
    builder.QuietUntilStarted();
    var settings = builder.AddSettings();
    builder.AddBroker(settings);
    builder.AddListeners(settings);
    builder.AddPages();

    await using var app = builder.Build();
    app.MapHealth();
    app.MapMqttOverWebSocket();
    app.MapPages();

    await app.RunAsync();
});
