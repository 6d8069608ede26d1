namespace Broker.Web.Files;

/// <summary>A file of certificates, keys or revocation lists cannot be used.</summary>
/// <param name="key">The configuration key that is to blame: of the file, or of the password that does not open it.</param>
/// <param name="problem">What is wrong, with the file's path.</param>
/// <param name="remedy">What to do.</param>
internal sealed class UnusableFileException(string key, string problem, string remedy = "Mend the file, or name another one") : Exception(problem)
{
    public string Key => key;

    public string Remedy => remedy;
}
