using System.Diagnostics;

namespace Broker.Tests.Rules;

/// <summary>One text file of the repository; the path is relative to its root and has forward slashes.</summary>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>The folders above the file, outermost first.</summary>
    public string[] Folders => Path.Split('/')[..^1];
}

/// <summary>The repository that these tests were built from: what stands in it under version control, or is about to.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>Broker.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files that are tracked or would be on the next commit; links are left out.</summary>
    public static IReadOnlyList<string> Paths { get; } = ListPaths();

    /// <summary>Reads one file.</summary>
    public static SourceFile Read(string path) => new(path, File.ReadAllText(Path.Combine(Root, path)));

    /// <summary>Reads every file below a folder whose name ends in one of the given endings.</summary>
    public static IReadOnlyList<SourceFile> Below(string folder, params string[] endings) =>
        [.. Paths.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal))
            .Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
            .Select(Read)];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Broker.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not stand in the repository that they were built from.");
    }

    private static string[] ListPaths()
    {
        var start = new ProcessStartInfo("git", ["-C", Root, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        git.ExitCode.ShouldBe(0, "git ls-files");
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(IsPlainFile).Order(StringComparer.Ordinal)];
    }

    private static bool IsPlainFile(string path) =>
        new FileInfo(Path.Combine(Root, path)) is { Exists: true, LinkTarget: null };
}
