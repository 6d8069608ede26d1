using System.Xml.Linq;
using Broker.Web.Persistence;
using Broker.Web.Persistence.Model;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Broker.Web.Security.SignIn;

/// <summary>Keeps the keys that seal cookies and forms beside the accounts, so that a session outlives a restart. They are as safe as the database is.</summary>
internal sealed class KeysInStore(IDbContextFactory<BrokerDbContext> tables) : IXmlRepository
{
    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var context = tables.CreateDbContext();
        return [.. context.DataProtectionKeys.AsNoTracking().Select(row => row.Xml).AsEnumerable().Select(XElement.Parse)];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        using var context = tables.CreateDbContext();
        context.DataProtectionKeys.Add(new DataProtectionKeyRow { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        context.SaveChanges();
    }
}
