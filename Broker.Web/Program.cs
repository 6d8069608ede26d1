using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<BrokerOptions>();
builder.Services.AddSingleton<IBrokerStore, InMemoryStore>();
builder.Services.AddSingleton<IAuthenticator, AnonymousAuthenticator>();
builder.Services.AddSingleton<IAuthorizer, DefaultAuthorizer>();
builder.Services.AddSingleton<MqttBroker>();
var app = builder.Build();
app.Run();
