using System.Data.Common;
using Broker.Web.Configuration;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Broker.Web.Persistence;

/// <summary>What keeps sessions, queues and retained messages.</summary>
public enum StorageProvider
{
    /// <summary>A file.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database.</summary>
    PostgreSql,

    /// <summary>Nothing: what the process knows ends with it.</summary>
    Memory,
}

/// <summary>Where the broker's state is kept: <c>Storage:Provider</c> and <c>ConnectionStrings:Broker</c>.</summary>
/// <param name="Provider">What keeps it.</param>
/// <param name="ConnectionString">For PostgreSQL, how it is reached; empty otherwise.</param>
/// <param name="Path">For SQLite, the absolute path of the file; empty otherwise.</param>
public sealed record StorageSettings(StorageProvider Provider, string ConnectionString, string Path)
{
    private const string ProviderKey = "Storage:Provider", ConnectionKey = "ConnectionStrings:Broker", DefaultFile = "Data Source=data/broker.db";

    /// <summary>Where the state is, in a line for people; never a password.</summary>
    public override string ToString() => Provider switch
    {
        StorageProvider.Sqlite => Path,
        StorageProvider.PostgreSql => new NpgsqlConnectionStringBuilder(ConnectionString) is var to ? $"PostgreSQL database {to.Database ?? to.Username} on {to.Host}:{to.Port}" : "",
        _ => "memory: sessions, queued and retained messages do not survive a restart",
    };

    /// <summary>Reads the two keys; adds an error for what cannot be.</summary>
    internal static StorageSettings Read(SettingsReader reader, string contentRoot)
    {
        var provider = StorageProvider.Sqlite;
        if (reader.Text(ProviderKey) is { } named && !(Enum.TryParse(named, ignoreCase: true, out provider) && Enum.GetNames<StorageProvider>().Contains(named, StringComparer.OrdinalIgnoreCase)))
        {
            reader.Fail(ProviderKey, $"allowed is {string.Join(", ", Enum.GetNames<StorageProvider>())}", "Correct it, or remove the key for Sqlite");
            return new StorageSettings(StorageProvider.Memory, "", "");
        }
        return provider switch
        {
            StorageProvider.Sqlite => new StorageSettings(provider, "", ReadFile(reader, contentRoot)),
            StorageProvider.PostgreSql => new StorageSettings(provider, ReadServer(reader), ""),
            _ => new StorageSettings(provider, "", ""),
        };
    }

    private static string ReadFile(SettingsReader reader, string contentRoot)
    {
        const string remedy = "Write it like Data Source=data/broker.db";
        var text = reader.Text(ConnectionKey) ?? DefaultFile;
        try
        {
            if (!IsForFile(text) && IsForServer(text))
            {
                FailOther(reader, text, "PostgreSQL", StorageProvider.Sqlite, StorageProvider.PostgreSql, "give a file here, like Data Source=data/broker.db");
                return "";
            }
            var file = new SqliteConnectionStringBuilder(text);
            if (file.DataSource.Length > 0 && !file.DataSource.StartsWith(':') && file.Count == 1) return System.IO.Path.GetFullPath(file.DataSource, contentRoot);
            reader.Fail(ConnectionKey, "allowed is the path of a file as Data Source, and nothing else", remedy, Shown(text));
        }
        catch (ArgumentException malformed)
        {
            reader.Fail(ConnectionKey, malformed.Message, remedy, Shown(text));
        }
        return "";
    }

    private static string ReadServer(SettingsReader reader)
    {
        const string remedy = "Write it like Host=localhost;Database=broker;Username=broker;Password=…";
        if (reader.Text(ConnectionKey) is not { } text)
        {
            reader.Fail(ConnectionKey, $"{ProviderKey} is PostgreSql, and nothing says where the database is", remedy);
            return "";
        }
        try
        {
            if (IsForFile(text)) FailOther(reader, text, "SQLite", StorageProvider.PostgreSql, StorageProvider.Sqlite, "give a server here, like Host=localhost;Database=broker");
            else if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host)) reader.Fail(ConnectionKey, "it names no Host", remedy, Shown(text));
            else return text;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException)
        {
            reader.Fail(ConnectionKey, malformed.Message, remedy, Shown(text));
        }
        return "";
    }

    private static void FailOther(SettingsReader reader, string text, string kind, StorageProvider is_, StorageProvider other, string remedy) =>
        reader.Fail(ConnectionKey, $"this is a connection string for {kind}, but {ProviderKey} is {is_}", $"Set {ProviderKey} to {other}, or {remedy}", Shown(text));

    private static bool IsForFile(string text) => Has(text, "Data Source", "DataSource", "Filename");

    private static bool IsForServer(string text) => IsUrl(text) || Has(text, "Host", "Server", "Username", "User Id", "Database", "Port");

    private static bool IsUrl(string text) => text.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && text.Contains("://", StringComparison.Ordinal);

    private static bool Has(string text, params ReadOnlySpan<string> keywords)
    {
        if (IsUrl(text)) return false;
        var parts = new DbConnectionStringBuilder { ConnectionString = text };
        foreach (string keyword in keywords)
            if (parts.ContainsKey(keyword)) return true;
        return false;
    }

    // A connection string may hold a password in many ways of writing.
    private static string Shown(string text) => IsUrl(text) || text.Contains("pass", StringComparison.OrdinalIgnoreCase) || text.Contains("pwd", StringComparison.OrdinalIgnoreCase) ? "…" : text;
}
