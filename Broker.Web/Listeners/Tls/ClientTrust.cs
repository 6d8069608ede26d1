using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Web.Files;

namespace Broker.Web.Listeners.Tls;

/// <summary>Who may have issued the certificates of clients, and which of those are revoked. Does not change; a new one takes its place when the files do.</summary>
internal sealed class ClientTrust
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private readonly X509Certificate2Collection authorities;

    private ClientTrust(X509Certificate2Collection authorities, IReadOnlyList<RevocationList> lists) => (this.authorities, Lists) = (authorities, lists);

    /// <summary>The revocation lists; of two of the same kind by one authority only the later.</summary>
    public IReadOnlyList<RevocationList> Lists { get; }

    /// <summary>Makes it of files: first the authorities, then the revocation lists.</summary>
    /// <exception cref="UnusableFileException">A file holds nothing of its kind, or a list was signed by none of the authorities.</exception>
    public static ClientTrust Make(IReadOnlyList<NamedFile> files, IReadOnlyList<byte[]> contents)
    {
        var authorities = ReadAuthorities(files[0], contents[0]);
        var lists = files.Zip(contents).Skip(1).SelectMany(pair => RevocationListReader.Read(pair.First, pair.Second, authorities));
        return new ClientTrust(authorities, [.. lists.GroupBy(list => list.Kind).Select(kind => kind.MaxBy(list => list.ThisUpdate)!)]);
    }

    /// <summary>How the chain of a client's certificate is built: to these authorities and no others, for clients, without the network.</summary>
    public X509ChainPolicy Policy(DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // looked up in Lists
            DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(ClientAuthentication);
        return policy;
    }

    /// <summary>Why the first certificate of <paramref name="chain"/> does not count, or null.</summary>
    /// <remarks>
    /// Where there are lists, the issuer of the client's certificate needs one that is current; an authority between is looked up where there is a list of its
    /// issuer.
    /// </remarks>
    public (HandshakeRefusal Reason, string Why)? Revocation(IReadOnlyList<X509Certificate2> chain, DateTimeOffset now)
    {
        if (Lists.Count == 0) return null;
        for (var i = 0; i + 1 < chain.Count; i++)
        {
            var (certificate, issuer) = (chain[i], chain[i + 1]);
            var lists = Lists.Where(list => list.IsOf(issuer)).ToList();
            if (lists.Count == 0 && i == 0) return (HandshakeRefusal.NoRevocationList, $"there is no revocation list of {issuer.Subject}");
            if (lists.Find(list => !list.IsCurrent(now)) is { } stale)
                return (HandshakeRefusal.NoRevocationList, $"the revocation list of {issuer.Subject} is {(stale.ThisUpdate > now ? $"not valid before {stale.ThisUpdate:u}" : $"out of date since {stale.NextUpdate:u}")}");
            if (Revoked(chain, i) is { } revoked) return (HandshakeRefusal.Revoked, revoked);
        }
        return null;
    }

    /// <summary>Which certificate of <paramref name="chain"/> a list names, in words, or null; it does not matter whether the list is current.</summary>
    public string? Revoked(IReadOnlyList<X509Certificate2> chain) => Enumerable.Range(0, Math.Max(0, chain.Count - 1)).Select(i => Revoked(chain, i)).FirstOrDefault(why => why is not null);

    private string? Revoked(IReadOnlyList<X509Certificate2> chain, int i)
    {
        if (!Lists.Any(list => list.IsOf(chain[i + 1]) && list.Holds(chain[i]))) return null;
        return i == 0 ? "it is revoked" : $"the certificate of {chain[i].Subject}, an authority in its chain, is revoked";
    }

    private static X509Certificate2Collection ReadAuthorities(NamedFile file, byte[] content)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(Encoding.Latin1.GetString(content));
        }
        catch (CryptographicException failure)
        {
            throw new UnusableFileException(file.Key, $"{file.Path} cannot be used: {failure.Message}");
        }
        if (authorities.Count == 0) throw new UnusableFileException(file.Key, $"{file.Path} holds no certificate", "Name a PEM file with the certificates of the authorities");
        if (!authorities.Any(one => one.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData)))
            throw new UnusableFileException(file.Key, $"{file.Path} holds no root certificate, and so no chain can end there", $"Add the certificate of {authorities[0].Issuer}");
        return authorities;
    }
}
