using Broker.Tests.Testing;

namespace Broker.Tests.Api;

/// <summary>The host on a SQLite file, with its history.</summary>
public sealed class SqliteApiHost : BrokerHost
{
    /// <summary>Not started yet.</summary>
    public SqliteApiHost() => Store = "Sqlite";
}

/// <summary>The host on a PostgreSQL database, with its history.</summary>
public sealed class PostgreSqlApiHost : BrokerHost
{
    /// <summary>Not started yet.</summary>
    public PostgreSqlApiHost() => Store = "PostgreSql";
}

/// <summary>The tests of the API on SQLite share a host.</summary>
[CollectionDefinition(Name)]
public sealed class SqliteApi : ICollectionFixture<SqliteApiHost>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "API on SQLite";
}

/// <summary>The tests of the API on PostgreSQL share a host.</summary>
[CollectionDefinition(Name)]
public sealed class PostgreSqlApi : ICollectionFixture<PostgreSqlApiHost>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "API on PostgreSQL";
}
