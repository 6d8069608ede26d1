using Broker.Web.Configuration;
using Broker.Web.Files;

namespace Broker.Web.Security.External;

/// <summary>Reads and checks what stands below <c>Mqtt:Jwt</c> and <c>Mqtt:Hook</c>.</summary>
internal static class ExternalSettings
{
    private const string KeyFile = "Mqtt:Jwt:KeyFile", SecretFile = "Mqtt:Jwt:SecretFile", Url = "Mqtt:Hook:Url", Secret = "Mqtt:Hook:Secret";

    public static readonly IReadOnlyList<Setting<JwtOptions>> Jwt =
    [
        Setting<JwtOptions>.Text(nameof(JwtOptions.KeyFile), 4_096, (j, v) => j.KeyFile = v),
        Setting<JwtOptions>.Text(nameof(JwtOptions.SecretFile), 4_096, (j, v) => j.SecretFile = v),
        Setting<JwtOptions>.Text(nameof(JwtOptions.Issuer), 1_024, (j, v) => j.Issuer = v),
        Setting<JwtOptions>.Text(nameof(JwtOptions.Audience), 1_024, (j, v) => j.Audience = v),
        Setting<JwtOptions>.Text(nameof(JwtOptions.UserNameClaim), 256, (j, v) => j.UserNameClaim = v),
        Setting<JwtOptions>.Text(nameof(JwtOptions.RulesClaim), 256, (j, v) => j.RulesClaim = v),
        Setting<JwtOptions>.Time(nameof(JwtOptions.LongestLifetime), TimeSpan.Zero, TimeSpan.FromDays(36_500), (j, v) => j.LongestLifetime = v),
        Setting<JwtOptions>.Time(nameof(JwtOptions.ClockSkew), TimeSpan.Zero, TimeSpan.FromMinutes(10), (j, v) => j.ClockSkew = v),
    ];

    public static readonly IReadOnlyList<Setting<HookOptions>> Hook =
    [
        Setting<HookOptions>.Text(nameof(HookOptions.Url), 4_096, (h, v) => h.Url = v),
        Setting<HookOptions>.Text(nameof(HookOptions.Secret), 4_096, (h, v) => h.Secret = v),
        Setting<HookOptions>.Time(nameof(HookOptions.Timeout), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), (h, v) => h.Timeout = v),
        Setting<HookOptions>.Whole(nameof(HookOptions.CacheSeconds), 0, 86_400, (h, v) => h.CacheSeconds = (int)v),
        Setting<HookOptions>.Time(nameof(HookOptions.RecheckInterval), TimeSpan.Zero, TimeSpan.FromDays(1), (h, v) => h.RecheckInterval = v),
        Setting<HookOptions>.Whole(nameof(HookOptions.Concurrency), 1, 10_000, (h, v) => h.Concurrency = (int)v),
    ];

    public static JwtOptions ReadJwt(SettingsReader reader, string contentRoot)
    {
        var options = new JwtOptions();
        reader.Bind("Mqtt:Jwt", Jwt, options);
        bool hasKeys = options.KeyFile.Length > 0, hasSecret = options.SecretFile.Length > 0;
        if (hasKeys && hasSecret) reader.Fail(SecretFile, $"{KeyFile} is set too", "Remove one of them: tokens are signed with a private key or with a shared secret");
        else if (hasKeys) options.Keys = Watch(reader, KeyFile, options.KeyFile, contentRoot, JwtKeys.Public);
        else if (hasSecret) options.Keys = Watch(reader, SecretFile, options.SecretFile, contentRoot, JwtKeys.Secret);
        else if (options.Issuer.Length > 0 || options.Audience.Length > 0)
            reader.Fail(KeyFile, "tokens cannot be checked without a key", $"Name a file with public keys here, or one with a shared secret in {SecretFile}, or remove Issuer and Audience");
        return options;
    }

    public static HookOptions ReadHook(SettingsReader reader)
    {
        var options = new HookOptions();
        reader.Bind("Mqtt:Hook", Hook, options);
        if (options.Secret.AsSpan().ContainsAnyExceptInRange('!', '~'))
            reader.Fail(Secret, "allowed are letters, digits and signs of ASCII without spaces, as it travels in a header", "Choose another one");
        if (options.Url.Length > 0 && !(Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Fragment.Length == 0))
            reader.Fail(Url, $"allowed is http:// or https:// with a host and a path, without a name, password or fragment", $"Write it like https://auth.example.com/mqtt, and a secret into {Secret}");
        if (options.Url.Length == 0 && options.Secret.Length > 0)
            reader.Fail(Url, "the hook has no address", $"Set it, for example to https://auth.example.com/mqtt, or remove {Secret}");
        return options;
    }

    private static WatchedFiles<JwtKeys>? Watch(SettingsReader reader, string key, string path, string contentRoot, Func<string, byte[], JwtKeys> read)
    {
        try
        {
            return new WatchedFiles<JwtKeys>([new NamedFile(key, Path.GetFullPath(path, contentRoot))], contents => read(key, contents[0]));
        }
        catch (UnusableFileException fault)
        {
            reader.Fail(fault.Key, fault.Message, fault.Remedy);
            return null;
        }
    }
}
