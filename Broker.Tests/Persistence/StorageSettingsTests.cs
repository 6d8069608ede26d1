using Broker.Tests.Listeners;
using Broker.Web.Configuration;
using Broker.Web.Persistence;
using Microsoft.Extensions.Configuration;

namespace Broker.Tests.Persistence;

/// <summary>What the configuration may say about where state is kept.</summary>
public sealed class StorageSettingsTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetTempPath(), "root"));

    [Fact]
    public void Nothing_configured_is_a_file_below_the_content_root()
    {
        var storage = Load();
        storage.Provider.ShouldBe(StorageProvider.Sqlite);
        storage.Path.ShouldBe(Path.Combine(Root, "data", "broker.db"));
        storage.ToString().ShouldBe(storage.Path);
    }

    [Theory]
    [InlineData("Data Source=x/y.db", "x/y.db")]
    [InlineData("filename=../y.db", "../y.db")]
    [InlineData("DataSource=/var/lib/broker.db", "/var/lib/broker.db")]
    public void A_path_is_relative_to_the_content_root(string text, string path) =>
        Load(("Storage:Provider", "SQLITE"), ("ConnectionStrings:Broker", text)).Path.ShouldBe(Path.GetFullPath(path, Root));

    [Fact]
    public void A_server_is_shown_without_its_password()
    {
        var storage = Load(("Storage:Provider", "postgresql"), ("ConnectionStrings:Broker", "Host=db;Database=mqtt;Username=anna;Password=secret"));
        storage.Provider.ShouldBe(StorageProvider.PostgreSql);
        storage.ConnectionString.ShouldContain("Password=secret");
        storage.ToString().ShouldBe("PostgreSQL database mqtt on db:5432");
    }

    [Theory]
    [InlineData("Mongo")]
    [InlineData("1")]
    [InlineData("Sqlite,Memory")]
    public void Another_provider_is_an_error(string provider) =>
        Errors(("Storage:Provider", provider)).ShouldBe($"Storage:Provider = \"{provider}\": allowed is Sqlite, PostgreSql, Memory. Correct it, or remove the key for Sqlite.");

    [Theory]
    [InlineData("Sqlite", "Host=db;Database=mqtt", "this is a connection string for PostgreSQL, but Storage:Provider is Sqlite. Set Storage:Provider to PostgreSql, or give a file here")]
    [InlineData("Sqlite", "postgresql://anna:secret@db/mqtt", "this is a connection string for PostgreSQL")]
    [InlineData("PostgreSql", "Data Source=data/broker.db", "this is a connection string for SQLite, but Storage:Provider is PostgreSql. Set Storage:Provider to Sqlite, or give a server here")]
    [InlineData("PostgreSql", "", "nothing says where the database is")]
    [InlineData("PostgreSql", "Database=mqtt;Password=secret", "it names no Host")]
    [InlineData("PostgreSql", "Host=db;Colour=red", "Write it like Host=")]
    [InlineData("PostgreSql", "postgresql://anna:secret@db/mqtt", "Write it like Host=")]
    [InlineData("Sqlite", "Data Source=:memory:", "the path of a file")]
    [InlineData("Sqlite", "Data Source=a.db;Password=secret", "and nothing else")]
    [InlineData("Sqlite", "Data Source=", "the path of a file")]
    [InlineData("Sqlite", "data/broker.db", "Write it like Data Source=")]
    public void A_connection_string_that_cannot_be_used_is_an_error_that_shows_no_password(string provider, string text, string told)
    {
        string error = Errors(("Storage:Provider", provider), ("ConnectionStrings:Broker", text));
        error.ShouldStartWith("ConnectionStrings:Broker");
        error.ShouldContain(told);
        error.ShouldNotContain("secret");
    }

    private static StorageSettings Load(params (string Key, string Value)[] keys)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(keys.Select(key => new KeyValuePair<string, string?>(key.Key, key.Value)));
        return SettingsLoader.Load(configuration, Root).Storage;
    }

    private static string Errors(params (string Key, string Value)[] keys) => ConfigurationTests.Errors(keys).ShouldHaveSingleItem().ToString();
}
