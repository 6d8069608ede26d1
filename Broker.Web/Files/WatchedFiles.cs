using System.Security.Cryptography;

namespace Broker.Web.Files;

/// <summary>A file that a key of the configuration names.</summary>
/// <param name="Key">The key.</param>
/// <param name="Path">The absolute path.</param>
internal sealed record NamedFile(string Key, string Path);

/// <summary>What a look at watched files came to.</summary>
internal enum Looked
{
    /// <summary>They hold what they held, or something that may still be being written.</summary>
    Unchanged,

    /// <summary>They hold something new, which counts from now on.</summary>
    Replaced,

    /// <summary>They hold something that cannot be used; the former counts further. Said once.</summary>
    Refused,
}

/// <summary>
/// Something that is made of files, and made anew when they hold something else. Contents are compared and not dates, so it does not matter how the change
/// came: written in place, renamed over (certbot), or by a link that leads to another directory (Kubernetes).
/// </summary>
internal sealed class WatchedFiles<T> where T : class
{
    private const int Longest = 64 * 1024 * 1024;
    private readonly Func<IReadOnlyList<byte[]>, T> make;
    private byte[] print;
    private string? doubt;
    private bool told;
    private volatile T current;

    /// <param name="files">The files.</param>
    /// <param name="make">Makes it of their contents, in the same order.</param>
    /// <exception cref="UnusableFileException">It cannot be made now.</exception>
    public WatchedFiles(IReadOnlyList<NamedFile> files, Func<IReadOnlyList<byte[]>, T> make)
    {
        (Files, this.make) = (files, make);
        var contents = Read();
        (print, current) = (Print(contents), make(contents));
    }

    public IReadOnlyList<NamedFile> Files { get; }

    /// <summary>What was made last.</summary>
    public T Current => current;

    /// <summary>
    /// Looks at the files. Certificate and key are two files that are written one after the other: what cannot be used is looked at a second time before
    /// it is said.
    /// </summary>
    /// <param name="problem">With <see cref="Looked.Refused"/>, what is wrong.</param>
    public Looked Look(out string problem)
    {
        problem = "";
        byte[] found = [];
        try
        {
            var contents = Read();
            found = Print(contents);
            if (!found.AsSpan().SequenceEqual(print))
            {
                current = make(contents);
                (print, doubt) = (found, null);
                return Looked.Replaced;
            }
            doubt = null;
        }
        catch (UnusableFileException refusal)
        {
            problem = refusal.Message;
            return Doubt(refusal.Message + Convert.ToHexString(found)) ? Looked.Refused : Looked.Unchanged;
        }
        return Looked.Unchanged;
    }

    // True the second time.
    private bool Doubt(string what)
    {
        if (what != doubt) (doubt, told) = (what, false);
        else if (!told) return told = true;
        return false;
    }

    private List<byte[]> Read() => [.. Files.Select(Read)];

    private static byte[] Read(NamedFile file)
    {
        try
        {
            if (new FileInfo(file.Path).Length > Longest) throw new UnusableFileException(file.Key, $"{file.Path} is longer than {Longest:N0} bytes");
            return File.ReadAllBytes(file.Path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnusableFileException(file.Key, $"there is no file {file.Path}", "Give the path of a file that exists, absolute or from the content root");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnusableFileException(file.Key, $"{file.Path} cannot be read: {failure.Message}", "Let the broker's user read it");
        }
    }

    private static byte[] Print(IEnumerable<byte[]> contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in contents)
        {
            hash.AppendData(BitConverter.GetBytes(content.Length));
            hash.AppendData(content);
        }
        return hash.GetHashAndReset();
    }
}
