using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Tests.Listeners.Tls;

/// <summary>A TLS client that may show a certificate.</summary>
internal static class TlsClient
{
    /// <summary>Ends the handshake as the client sees it; with TLS 1.3 the server may refuse its certificate only then.</summary>
    public static async Task<SslStream> ConnectAsync(IPEndPoint to, X509Certificate2? shown = null, X509Certificate2? chain = null, SslProtocols version = SslProtocols.None)
    {
        var client = new TcpClient();
        await client.ConnectAsync(to.Address, to.Port);
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificateContext = shown is null ? null : SslStreamCertificateContext.Create(shown, chain is null ? [] : [chain], offline: true),
        });
        return tls;
    }

    /// <summary>Whether the server sends back what it gets.</summary>
    public static async Task<bool> AnswersAsync(SslStream tls)
    {
        try
        {
            await tls.WriteAsync("?"u8.ToArray());
            return await tls.ReadAsync(new byte[1]) == 1;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether a client is let in.</summary>
    public static async Task<bool> IsAdmittedAsync(IPEndPoint to, X509Certificate2? shown = null, X509Certificate2? chain = null, SslProtocols version = SslProtocols.None)
    {
        try
        {
            using var tls = await ConnectAsync(to, shown, chain, version);
            return await AnswersAsync(tls);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return false;
        }
    }
}
