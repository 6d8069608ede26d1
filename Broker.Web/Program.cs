using Broker.Web.Api;
using Broker.Web.Commands;
using Broker.Web.Components;
using Broker.Web.Configuration;
using Broker.Web.Listeners;
using Broker.Web.Metrics;
using Broker.Web.Operations;
using Broker.Web.Persistence;
using Broker.Web.Persistence.History;
using Broker.Web.Security;

if (CommandLine.Command(args) is { } command) return await command();

var startup = new Startup();
return await startup.GuardAsync(async () =>
{
    var builder = HostFiles.CreateBuilder(args);
    startup.Quiet(builder);
    var settings = builder.AddSettings();
    builder.AddPersistence(settings);
    builder.AddHistory(settings);
    builder.AddBroker(settings);
    builder.AddListeners(settings);
    builder.AddSecurity(settings);
    builder.AddOperations();
    builder.AddApi();
    builder.AddMetrics(settings);
    builder.AddPages();

    await using var app = builder.Build();
    app.UseCertificates();
    app.UsePageHeaders();
    app.UseApiProblems();
    app.MapSecurity();
    app.MapHealth();
    app.MapMqttOverWebSocket();
    app.MapApi();
    app.MapMetrics();
    app.MapPages();

    await app.RunAsync();
});
