using System.Reflection;

namespace Broker.Web.Components;

/// <summary>Which version runs.</summary>
internal static class BrokerVersion
{
    /// <summary>The version with the commit it was built from, where the build knew it.</summary>
    public static string Full { get; } =
        typeof(BrokerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The version alone.</summary>
    public static string Short { get; } = Full.Split('+')[0];
}
