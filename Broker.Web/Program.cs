using Broker.Core;
using Broker.Web.Components;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<BrokerOptions>();
builder.Services.AddSingleton<MqttBroker>();
builder.AddPages();
var app = builder.Build();
app.MapPages();
app.Run();
