using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Broker.Web.Components;

/// <summary>
/// Keeps the keys that seal what a page sends back to its circuit. A circuit dies with the process, so its keys need not outlive it, and
/// nothing is written to a home directory.
/// </summary>
internal sealed class KeysInMemory : IXmlRepository
{
    private readonly List<XElement> keys = [];

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (keys)
        {
            return [.. keys];
        }
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        lock (keys)
        {
            keys.Add(element);
        }
    }
}
