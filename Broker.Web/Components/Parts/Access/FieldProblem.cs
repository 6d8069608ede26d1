using Broker.Web.Operations;
using Broker.Web.Security;

namespace Broker.Web.Components.Parts.Access;

/// <summary>Why something that was entered cannot be.</summary>
/// <param name="Field">The field, as REST names it; empty if it is about none.</param>
/// <param name="Text">Why, in words.</param>
public sealed record FieldProblem(string Field, string Text)
{
    /// <summary>Makes a change that a live page asks for.</summary>
    /// <returns>Why it was not made; null if it was.</returns>
    internal static async Task<FieldProblem?> OfAsync(Func<Task> change)
    {
        try
        {
            await change();
            return null;
        }
        catch (RefusedException refused)
        {
            return new(refused.About, Sentence(refused.Message));
        }
        catch (InvalidInputException wrong)
        {
            return new(wrong.Field, Sentence(wrong.Message));
        }
        catch (Exception failure) when (failure is UnavailableException or UnauthorizedAccessException)
        {
            return new("", Sentence(failure.Message));
        }
        catch (Exception away) when (StoreFailures.IsAway(away))
        {
            return new("", "Not done: the store is away.");
        }
    }

    private static string Sentence(string words) => $"{char.ToUpperInvariant(words[0])}{words[1..].TrimEnd('.')}.";
}
