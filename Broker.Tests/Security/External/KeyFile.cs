using System.Text;
using Broker.Web.Files;
using Broker.Web.Security.External;

namespace Broker.Tests.Security.External;

/// <summary>A file of keys in a directory of its own.</summary>
internal sealed class KeyFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("broker-keys-");

    public KeyFile(string text) => Write(text);

    public string Path => System.IO.Path.Combine(folder.FullName, "keys");

    public void Write(string text) => File.WriteAllText(Path, text);

    public JwtOptions Options(Func<string, byte[], JwtKeys>? read = null) => new()
    {
        Keys = new WatchedFiles<JwtKeys>([new NamedFile("Mqtt:Jwt:KeyFile", Path)], contents => (read ?? JwtKeys.Public)("Mqtt:Jwt:KeyFile", contents[0])),
    };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public void Dispose() => folder.Delete(recursive: true);
}
