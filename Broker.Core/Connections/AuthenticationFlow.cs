using System.Net;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Core.Connections;

/// <summary>Enhanced authentication on one connection: the exchange before CONNACK, and again whenever the client asks for it (MQTT 5, section 4.12).</summary>
internal sealed class AuthenticationFlow(ConnectionServices services, string method, EndPoint? address)
{
    private IAuthenticationExchange? exchange;
    private volatile bool busy;

    /// <summary>The Authentication Method that CONNECT named; every AUTH carries it [MQTT-4.12.0-5].</summary>
    public string Method => method;

    /// <summary>Authentication Data for CONNACK.</summary>
    public byte[] Data { get; private set; } = [];

    /// <summary>The exchange before CONNACK.</summary>
    /// <param name="data">Authentication Data of CONNECT.</param>
    /// <param name="ask">Sends an AUTH and waits for the client's.</param>
    /// <param name="cancellation">Fires when the connection ends.</param>
    /// <returns>As whom the client is let in.</returns>
    /// <exception cref="ProtocolViolation">The reason code for CONNACK.</exception>
    public async ValueTask<Admission> AuthenticateAsync(ReadOnlyMemory<byte>? data, Func<Auth, Task<Auth>> ask, CancellationToken cancellation)
    {
        var first = services.Authenticator.Begin(method, address);
        if (first is null) ProtocolViolation.Throw(ReasonCode.BadAuthenticationMethod, $"authentication method '{method}' is not offered"); // [MQTT-4.12.0-1]
        while (true)
        {
            var step = await first.StepAsync(data ?? default, cancellation).ConfigureAwait(false);
            if (step.Reason == ReasonCode.Success)
            {
                Data = step.Data;
                return step.Admission ?? Admission.Of(null);
            }
            if (step.Reason != ReasonCode.ContinueAuthentication)
            {
                services.Counters.Refused();
                throw new ProtocolViolation(step.Reason, $"the client failed {method}") { Detail = step.Admission?.Why ?? "" };
            }
            var answer = await ask(Packet(step)).ConfigureAwait(false);
            if (answer.Reason != ReasonCode.ContinueAuthentication) // [MQTT-4.12.0-3]
                ProtocolViolation.Throw(ReasonCode.ProtocolError, $"AUTH with reason code 0x{(byte)answer.Reason:X2} before CONNACK");
            RequireMethod(answer);
            data = answer.Properties.Data(PropertyId.AuthenticationData);
        }
    }

    /// <summary>AUTH came after CONNACK: the client authenticates again, while everything else goes on [MQTT-4.12.1-1].</summary>
    public void Continue(Auth auth, Outbox outbox, CancellationToken cancellation)
    {
        RequireMethod(auth);
        bool begins = auth.Reason == ReasonCode.ReAuthenticate;
        if (busy || begins != exchange is null) ProtocolViolation.Throw(ReasonCode.ProtocolError, "AUTH out of turn");
        if (begins) exchange = services.Authenticator.Begin(method, address);
        busy = true;
        _ = StepAsync(auth.Properties.Data(PropertyId.AuthenticationData) is { } data ? data.ToArray() : [], outbox, cancellation);
    }

    private async Task StepAsync(byte[] data, Outbox outbox, CancellationToken cancellation)
    {
        try
        {
            var step = await exchange!.StepAsync(data, cancellation).ConfigureAwait(false);
            if (step.Reason.IsError())
            {
                services.Counters.Refused();
                outbox.Connection.Disconnect(step.Reason, $"the client failed {method}"); // [MQTT-4.12.1-2]
                return;
            }
            if (step.Reason == ReasonCode.Success) exchange = null;
            busy = false;
            var delivery = Delivery.Rent(services.Time);
            outbox.Write(Packet(step), delivery);
            delivery.Return();
        }
        catch (Exception exception)
        {
            outbox.Connection.Disconnect(ReasonCode.UnspecifiedError, $"authentication failed: {exception.Message}");
        }
    }

    private Auth Packet(AuthenticationStep step)
    {
        var properties = new PropertiesBuilder().Add(PropertyId.AuthenticationMethod, method);
        if (step.Data.Length > 0) properties.Add(PropertyId.AuthenticationData, step.Data);
        return new Auth(step.Reason) { Properties = properties.Build() };
    }

    private void RequireMethod(Auth auth)
    {
        if (auth.Properties.Text(PropertyId.AuthenticationMethod) != method)
            ProtocolViolation.Throw(ReasonCode.ProtocolError, "AUTH with another authentication method than CONNECT");
    }
}
