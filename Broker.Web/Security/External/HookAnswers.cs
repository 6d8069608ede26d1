using System.Security.Cryptography;
using Broker.Core.Access;

namespace Broker.Web.Security.External;

/// <summary>Answers of the hook that still count, by a hash of the question with a key of this process: no password is kept.</summary>
internal sealed class HookAnswers(TimeSpan kept, TimeProvider time)
{
    /// <summary>Most answers that are kept.</summary>
    public const int Most = 10_000;

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, (Admission? Answer, DateTimeOffset Until)> answers = [];
    private readonly Lock gate = new();

    /// <summary>The name under which the answer to a question is kept.</summary>
    public string NameOf(byte[] question) => Convert.ToBase64String(HMACSHA256.HashData(key, question));

    /// <summary>Finds an answer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="answer">The answer; null where the hook leaves the client to the next.</param>
    public bool TryGet(string name, out Admission? answer)
    {
        lock (gate)
        {
            bool found = answers.TryGetValue(name, out var one) && one.Until > time.GetUtcNow();
            answer = one.Answer;
            return found;
        }
    }

    /// <summary>Keeps an answer, but not beyond what it grants.</summary>
    public void Keep(string name, Admission? answer)
    {
        if (kept <= TimeSpan.Zero) return;
        var now = time.GetUtcNow();
        var until = now + kept;
        if (answer?.Until < until) until = answer.Until.Value;
        lock (gate)
        {
            if (answers.Count >= Most) foreach (var (old, _) in answers.Where(pair => pair.Value.Until <= now).ToList()) answers.Remove(old);
            if (answers.Count >= Most) answers.Clear(); // who makes that many costs only questions
            answers[name] = (answer, until);
        }
    }
}
