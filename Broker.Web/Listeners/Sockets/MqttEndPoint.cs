using System.Net;
using System.Net.Sockets;
using Broker.Core.Access;
using Broker.Web.Configuration;

namespace Broker.Web.Listeners.Sockets;

/// <summary>An address that is bound already and waits for Kestrel to listen: it is by this type that the MQTT transport knows its own.</summary>
internal sealed class MqttEndPoint(Socket socket, IPEndPoint bound, ListenerSettings settings, string url) : IPEndPoint(bound.Address, bound.Port)
{
    private volatile bool closed;

    /// <summary>The socket, bound but not listening.</summary>
    public Socket Socket => socket;

    /// <summary>Whether nobody is let in any more.</summary>
    public bool IsClosed => closed;

    /// <summary>What was configured.</summary>
    public ListenerSettings Settings => settings;

    /// <summary>The listener's URL with the port that it really has.</summary>
    public string Url => url;

    /// <summary>Whether clients without credentials are let in: as configured, else on a loopback address until there are users.</summary>
    public AnonymousAccess Anonymous => AnonymousSetting.Read(settings.AllowAnonymous, IPAddress.IsLoopback(Address));

    /// <summary>Lets nobody in any more. May be called twice.</summary>
    public void Close()
    {
        closed = true;
        socket.Dispose();
    }
}
