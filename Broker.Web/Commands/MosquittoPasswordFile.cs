using Broker.Web.Security.Users;

namespace Broker.Web.Commands;

/// <summary>A password file of Mosquitto: a line <c>name:hash</c> each, as <c>mosquitto_passwd</c> writes them.</summary>
internal static class MosquittoPasswordFile
{
    private const int MostFaults = 10;

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">A line is wrong; tells which, and of the first ten. Or it is no text.</exception>
    public static IReadOnlyList<ImportedUser> Read(string file)
    {
        var users = new Dictionary<string, ImportedUser>(StringComparer.Ordinal);
        var faults = new List<string>();
        int number = 0;
        foreach (string line in MosquittoText.Lines(file))
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string? fault = colon < 0 ? "there is no ':' between a name and a hash"
                : !UserNames.IsPossible(line[..colon]) ? $"'{UserNames.Shown(line[..colon])}' can be no user's name"
                : !MosquittoHash.IsReadable(line[(colon + 1)..].TrimEnd()) ? "the hash is neither $6$… nor $7$…; if the file holds plain passwords, run mosquitto_passwd -U on a copy of it first"
                : !users.TryAdd(line[..colon], new ImportedUser(line[..colon], line[(colon + 1)..].TrimEnd())) ? $"the user {line[..colon]} stands in the file twice"
                : null;
            if (fault is not null && faults.Count < MostFaults) faults.Add($"{file}, line {number}: {fault}");
        }
        if (faults.Count > 0) throw new InvalidDataException(string.Join('\n', faults.Append("Nothing was imported")));
        return [.. users.Values];
    }
}
