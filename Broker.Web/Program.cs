using Broker.Core;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<BrokerOptions>();
builder.Services.AddSingleton<MqttBroker>();
var app = builder.Build();
app.Run();
