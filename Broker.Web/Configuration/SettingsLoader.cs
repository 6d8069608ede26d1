using System.Globalization;
using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Sessions;
using Broker.Web.Listeners;
using Broker.Web.Listeners.Tls;
using Broker.Web.Metrics;
using Broker.Web.Persistence;
using Broker.Web.Persistence.History;
using Broker.Web.Security;
using Broker.Web.Security.External;
using Broker.Web.Security.SignIn;

namespace Broker.Web.Configuration;

/// <summary>Turns the configuration into <see cref="HostSettings"/>, or into everything that is wrong with it.</summary>
public static class SettingsLoader
{
    private const string DefaultListener = "mqtt://localhost:1883";

    /// <summary>Reads and checks the configuration and registers what it holds.</summary>
    /// <exception cref="ConfigurationException">Something in it cannot be run with; holds all errors.</exception>
    public static HostSettings AddSettings(this WebApplicationBuilder builder)
    {
        HttpEndpoints.AddDefaults(builder.Configuration);
        builder.Services.AddSingleton<IStartupFilter, ForgetAddresses>();
        var settings = Load(builder.Configuration, builder.Environment.ContentRootPath);
        builder.Services.AddSingleton(settings);
        return settings;
    }

    internal static HostSettings Load(IConfigurationRoot configuration, string contentRoot)
    {
        var reader = new SettingsReader(configuration);
        var tls = new TlsReader(reader, contentRoot);
        KnownKeys.Check(reader);
        var broker = ReadBroker(reader);
        var (jwt, hook) = (ExternalSettings.ReadJwt(reader, contentRoot), ExternalSettings.ReadHook(reader));
        // Once there is a user, or somebody to ask, whoever has no name stays out unless a listener says otherwise.
        bool? anonymous = broker.Users.Count > 0 || jwt.Keys is not null || hook.Url.Length > 0 ? false : null;
        var webSockets = ReadWebSockets(reader);
        var settings = new HostSettings
        {
            Listeners = [.. ReadListeners(reader, tls).Select(listener => listener with { AllowAnonymous = listener.AllowAnonymous ?? anonymous })],
            WebSockets = webSockets with { AllowAnonymous = webSockets.AllowAnonymous ?? anonymous },
            Broker = broker,
            Storage = StorageSettings.Read(reader, contentRoot),
            Transport = ReadTransport(reader),
            History = ReadHistory(reader),
            Admin = ReadAdmin(reader, contentRoot),
            Jwt = jwt,
            Hook = hook,
            Metrics = ReadMetrics(reader),
            Http = HttpEndpoints.Read(reader, tls),
        };
        DuplicateAddresses.Check(reader, settings);
        return reader.Errors.Count == 0 ? settings : throw new ConfigurationException(reader.Errors);
    }

    private static List<ListenerSettings> ReadListeners(SettingsReader reader, TlsReader tls)
    {
        var listeners = new List<ListenerSettings>();
        foreach (var section in reader.Children("Mqtt:Listeners"))
        {
            if (!int.TryParse(section.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) continue; // an unknown key, reported as such
            var anonymous = reader.Flag($"{section.Path}:AllowAnonymous");
            if (reader.Text($"{section.Path}:Url") is not { } text)
            {
                reader.Fail($"{section.Path}:Url", "the listener has no address", "Set it, for example to mqtt://localhost:1883");
                continue;
            }
            if (!ListenerUrl.TryParse(text, out var url, out var remedy))
            {
                reader.Fail($"{section.Path}:Url", ListenerUrl.Allowed, remedy);
                continue;
            }
            if (!url.IsEncrypted) tls.RefuseWithoutTls(section.Path, "mqtt://", "mqtts://");
            listeners.Add(new ListenerSettings(index, url, anonymous) { Tls = url.IsEncrypted ? tls.Read(section.Path, $"{section.Path}:Certificate") : null });
        }
        if (listeners.Count == 0 && ListenerUrl.TryParse(DefaultListener, out var standard, out _)) listeners.Add(new ListenerSettings(0, standard, null));
        return [.. listeners.OrderBy(listener => listener.Index)];
    }

    private static WebSocketSettings ReadWebSockets(SettingsReader reader)
    {
        var path = reader.Text("Mqtt:WebSockets:Path") ?? "/mqtt";
        if (path.Length < 2 || path[0] != '/' || path.IndexOfAny(['?', '#', '{', '}', '*', '%', ' ']) >= 0)
            reader.Fail("Mqtt:WebSockets:Path", "allowed is a path that begins with / and names at least one segment", "Write it like /mqtt");
        const string origins = "Mqtt:WebSockets:AllowedOrigins";
        var listed = reader.Children(origins).Select(child => (child.Path, Text: reader.Text(child.Path)))
            .Concat((reader.Text(origins) ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(one => (Path: origins, Text: (string?)one)))
            .Where(one => one.Text is not null).ToList();
        foreach (var (key, text) in listed)
            if (text is not ("*" or "null") && (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.GetLeftPart(UriPartial.Authority).Length < text!.TrimEnd('/').Length))
                reader.Fail(key, "allowed is an origin, scheme://host or scheme://host:port without a path, or *", "Write it like https://app.example.com");
        return new WebSocketSettings(path, [.. listed.Select(one => one.Text!.TrimEnd('/'))], reader.Flag("Mqtt:WebSockets:AllowAnonymous"));
    }

    private static BrokerOptions ReadBroker(SettingsReader reader)
    {
        var options = new BrokerOptions { Limits = new Limits(), Sys = new SysOptions() };
        reader.Bind("Mqtt:Limits", LimitsTable.Limits, options.Limits);
        reader.Bind("Mqtt:Access", LimitsTable.Access, options.Access);
        reader.Bind("Mqtt:Sys", LimitsTable.Sys, options.Sys);
        reader.Bind("Mqtt:Redirect", LimitsTable.Redirect, options.Redirect);
        reader.Bind("Storage", LimitsTable.Storage, options.Storage);
        options.Users = ReadUsers(reader);
        return options;
    }

    private static TransportOptions ReadTransport(SettingsReader reader)
    {
        var options = new TransportOptions();
        reader.Bind("Mqtt:Transport", LimitsTable.Transport, options);
        return options;
    }

    private static HistoryOptions ReadHistory(SettingsReader reader)
    {
        var options = new HistoryOptions();
        reader.Bind("Storage:History", LimitsTable.History, options);
        return options;
    }

    private static MetricsOptions ReadMetrics(SettingsReader reader)
    {
        var options = new MetricsOptions();
        reader.Bind("Metrics", LimitsTable.Metrics, options);
        if (options.OtlpEndpoint.Length > 0 && !(Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            reader.Fail("Metrics:OtlpEndpoint", "allowed is http://host:port or https://host:port, with a path where the collector wants one", "Write it like http://localhost:4317");
        return options;
    }

    private static AdminOptions ReadAdmin(SettingsReader reader, string contentRoot)
    {
        const string passwordKey = "Admin:Password", fileKey = "Admin:PasswordFile";
        var options = new AdminOptions();
        reader.Bind("Admin", LimitsTable.Admin, options);
        var key = passwordKey;
        if (options.PasswordFile.Length > 0)
        {
            if (options.Password.Length > 0) reader.Fail(fileKey, $"{passwordKey} is set too", "Remove one of them");
            key = fileKey;
            try
            {
                options.Password = File.ReadAllText(Path.GetFullPath(options.PasswordFile, contentRoot)).TrimEnd('\r', '\n');
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                reader.Fail(fileKey, $"the file cannot be read: {failure.Message}", "Correct it, or remove the key");
                return options;
            }
            if (options.Password.Length == 0) reader.Fail(fileKey, "the file is empty", "Write the password into it, or remove the key");
        }
        if (options.Password.Length > 0 && Passwords.Fault(options.Password) is { } fault) reader.Fail(key, fault, "Choose another one");
        return options;
    }

    private static List<User> ReadUsers(SettingsReader reader)
    {
        var users = new List<User>();
        foreach (var section in reader.Children("Mqtt:Users"))
        {
            var (name, password) = (reader.Text($"{section.Path}:Name"), reader.Text($"{section.Path}:Password"));
            if (name is null) reader.Fail($"{section.Path}:Name", "the user has no name", "Set it, or remove the user");
            else if (password is null) reader.Fail($"{section.Path}:Password", "the user has no password", "Set it, or remove the user");
            else if (users.Exists(user => user.Name == name)) reader.Fail($"{section.Path}:Name", "another user has this name", "Choose another name, or remove the user");
            else users.Add(new User { Name = name, Password = password });
        }
        return users;
    }
}
