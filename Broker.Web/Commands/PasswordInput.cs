using System.Text;

namespace Broker.Web.Commands;

/// <summary>Takes a password from a file, from standard input, or from somebody at a terminal; never from an argument, which other users of the machine could read.</summary>
internal static class PasswordInput
{
    /// <summary>The option that names a file.</summary>
    public const string File = "password-file";

    /// <summary>The password, without the end of its line.</summary>
    /// <exception cref="InvalidDataException">There is none, or it was typed in two ways.</exception>
    public static string Read(string? file)
    {
        string? password = file is not null ? System.IO.File.ReadLines(file).FirstOrDefault() : Console.IsInputRedirected ? Console.In.ReadLine() : Ask();
        return password is { Length: > 0 } ? password : throw new InvalidDataException(file is not null ? $"{file} holds no password" : $"no password was given; type it, pipe it in, or name a file with --{File}=FILE");
    }

    private static string Ask()
    {
        string first = AskOnce("Password: ");
        return first == AskOnce("Once more: ") ? first : throw new InvalidDataException("the two passwords are not the same");
    }

    private static string AskOnce(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && typed.Length > 0) typed.Length--;
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }
}
