using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Persistence.Migrations;

/// <summary>
/// Makes the key of this store's hashes, and puts HMAC-SHA-256 with it in the place of each SHA-256 that was kept of a token or an API key. The key is made where the
/// migration runs, and the migration is one transaction: there are the key and the keyed hashes, or neither.
/// </summary>
internal static class HashUpgrade
{
    private const string MakeKey = "make_hash_key", KeyedHash = "keyed_hash";
    private const int KeyBytes = 32;

    /// <summary>SQLite has no hashes; <see cref="AddHashFunctions"/> lends it ours.</summary>
    public const string Sqlite = $"""
        INSERT INTO settings (name, value) VALUES ('Security:HashKey', {MakeKey}());
        UPDATE api_keys SET hash = {KeyedHash}((SELECT value FROM settings WHERE name = 'Security:HashKey'), hash);
        UPDATE tokens SET hash = {KeyedHash}((SELECT value FROM settings WHERE name = 'Security:HashKey'), hash)
        """;

    /// <summary>
    /// PostgreSQL has SHA-256 but HMAC only in an extension: RFC 2104 is written out, with its pads 0x36 and 0x5C. Each random UUID (PostgreSQL 13) has 122 bits of the
    /// server's strong random numbers.
    /// </summary>
    public const string PostgreSql = """
        INSERT INTO settings (name, value)
        VALUES ('Security:HashKey', encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64'));
        WITH hash_key AS (SELECT decode(value, 'base64') AS bytes FROM settings WHERE name = 'Security:HashKey'),
        block AS (SELECT place, CASE WHEN place < length(bytes) THEN get_byte(bytes, place) ELSE 0 END AS byte FROM hash_key, generate_series(0, 63) AS place),
        pads AS MATERIALIZED (
            SELECT string_agg(set_byte(decode('00', 'hex'), 0, byte # 54), decode('', 'hex') ORDER BY place) AS inner_pad,
                   string_agg(set_byte(decode('00', 'hex'), 0, byte # 92), decode('', 'hex') ORDER BY place) AS outer_pad
            FROM block),
        keyed AS (UPDATE api_keys SET hash = sha256(outer_pad || sha256(inner_pad || hash)) FROM pads)
        UPDATE tokens SET hash = sha256(outer_pad || sha256(inner_pad || hash)) FROM pads
        """;

    /// <summary>Gives the connection of a context the functions that <see cref="Sqlite"/> calls. Called before a file or a memory is migrated.</summary>
    public static void AddHashFunctions(this SqliteBrokerDbContext context)
    {
        var connection = (SqliteConnection)context.Database.GetDbConnection();
        connection.CreateFunction(MakeKey, () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        connection.CreateFunction(KeyedHash, (string key, byte[] hash) => HMACSHA256.HashData(Convert.FromBase64String(key), hash));
    }
}
