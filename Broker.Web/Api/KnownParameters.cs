using System.Reflection;
using Broker.Web.Operations;

namespace Broker.Web.Api;

/// <summary>A parameter that a route does not know is a slip of the pen, and would be ignored in silence: it is refused.</summary>
internal static class KnownParameters
{
    /// <summary>Checks the names of a request's parameters against those that its route has.</summary>
    public static EndpointFilterDelegate Check(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var known = context.MethodInfo.GetParameters().Where(IsQuery).Select(parameter => parameter.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return call =>
        {
            foreach (string name in call.HttpContext.Request.Query.Keys)
                if (!known.Contains(name)) throw new InvalidInputException(name, known.Count == 0 ? "this route takes no parameters" : $"there is no such parameter; there are {string.Join(", ", known.Order(StringComparer.Ordinal))}");
            return next(call);
        };
    }

    private static bool IsQuery(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type.IsPrimitive || type == typeof(string) || type == typeof(string[]) || type == typeof(DateTimeOffset);
    }
}
