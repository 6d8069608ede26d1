using System.Security.Cryptography;
using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Core.Sessions;

namespace Broker.Core.Connections;

/// <summary>From CONNECT to CONNACK (MQTT 5, section 3.1.4).</summary>
internal sealed class ConnectHandshake(ConnectionServices services, ClientTransport transport)
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    /// <summary>Enhanced authentication, if CONNECT asked for it.</summary>
    public AuthenticationFlow? Authentication { get; private set; }

    /// <summary>Happens when what the client has proven is worth nothing any more; null for never.</summary>
    public Revocation? Revoked { get; private set; }

    /// <summary>Waits a moment for a broker that has just started.</summary>
    /// <exception cref="ProtocolViolation">0x88: it does not serve clients yet.</exception>
    public async ValueTask RequireReadyAsync(CancellationToken cancellation)
    {
        if (services.Ready.IsCompleted) return;
        try
        {
            await services.Ready.WaitAsync(StartPatience, services.Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            ProtocolViolation.Throw(ReasonCode.ServerUnavailable, "the broker does not serve clients yet");
        }
    }

    /// <summary>Lets a client in, or not: its name, its will, who it is.</summary>
    /// <param name="connect">Its CONNECT.</param>
    /// <param name="ask">Sends an AUTH and waits for the client's.</param>
    /// <param name="cancellation">Fires when the connection ends.</param>
    /// <exception cref="ProtocolViolation">The reason code for CONNACK.</exception>
    public async ValueTask<ClientIdentity> AdmitAsync(Connect connect, Func<Auth, Task<Auth>> ask, CancellationToken cancellation)
    {
        if (services.Redirect.IsOn) ProtocolViolation.Throw(services.Redirect.Reason, "clients are served elsewhere");
        if (services.Memory.IsFull) ProtocolViolation.Throw(ReasonCode.QuotaExceeded, "the broker holds as much for its clients as it may");
        string clientIdentifier = RequireIdentifier(connect);
        RequireWill(connect.Will);
        var admission = await AuthenticateAsync(connect, clientIdentifier, ask, cancellation).ConfigureAwait(false);
        Revoked = admission.Revoked;
        var identity = new ClientIdentity(clientIdentifier, admission.UserName, transport.RemoteEndPoint) { Rules = admission.Rules, Until = admission.Until };
        if (connect.Will is { } will) RequireRight(will, identity);
        return identity;
    }

    // [CVE-2018-3778]
    private void RequireRight(Will will, ClientIdentity identity)
    {
        var decision = services.Access.Policy.RulesOf(identity).Publish(Encoding.UTF8.GetBytes(will.Topic), will.QoS, will.Retain);
        if (decision.Allows) return;
        services.Counters.Denied();
        throw new ProtocolViolation(ReasonCode.NotAuthorized, "the client may not publish its will") { Detail = decision.ToString() };
    }

    /// <summary>What the connection asks of its session.</summary>
    public AttachRequest Attachment(Connect connect, ClientIdentity client) => new(
        client,
        connect.CleanStart,
        ExpiryInterval(connect, services.Limits),
        Math.Min((int)(connect.Properties.Number(PropertyId.ReceiveMaximum) ?? ushort.MaxValue), services.Limits.SendMaximum),
        connect.Will is { } will ? Pending(will, client) : null);

    /// <summary>The time of silence that ends the connection, 0 for never, and what is announced as Server Keep Alive, if anything.</summary>
    public (TimeSpan Limit, ushort? Announced) KeepAlive(Connect connect)
    {
        int most = services.Limits.KeepAlive;
        bool capped = most > 0 && connect.Version == ProtocolVersion.V5 && (connect.KeepAlive == 0 || connect.KeepAlive > most); // [MQTT-3.2.2-22]
        int seconds = capped ? most : connect.KeepAlive;
        return (TimeSpan.FromMilliseconds(seconds * 1500L), capped ? (ushort)most : null); // [MQTT-3.1.2-22]
    }

    /// <summary>CONNACK with everything that differs from the defaults (section 3.2.2.3).</summary>
    public ConnAck Accept(Connect connect, AttachRequest attachment, bool sessionPresent, ushort? keepAlive)
    {
        if (connect.Version != ProtocolVersion.V5) return new ConnAck(sessionPresent, ReasonCode.Success);
        var limits = services.Limits;
        var properties = new PropertiesBuilder();
        if ((connect.Properties.Number(PropertyId.SessionExpiryInterval) ?? 0) != attachment.ExpiryInterval)
            properties.Add(PropertyId.SessionExpiryInterval, attachment.ExpiryInterval);
        properties.Add(PropertyId.ReceiveMaximum, (uint)limits.ReceiveMaximum);
        if (limits.MaximumQoS < QualityOfService.ExactlyOnce) properties.Add(PropertyId.MaximumQoS, (uint)limits.MaximumQoS);
        if (!limits.RetainAvailable) properties.Add(PropertyId.RetainAvailable, 0);
        properties.Add(PropertyId.MaximumPacketSize, (uint)limits.MaximumPacketSize);
        if (connect.ClientIdentifier.Length == 0) properties.Add(PropertyId.AssignedClientIdentifier, attachment.ClientIdentifier); // [MQTT-3.2.2-16]
        if (limits.TopicAliasMaximum > 0) properties.Add(PropertyId.TopicAliasMaximum, (uint)limits.TopicAliasMaximum);
        if (!limits.WildcardSubscriptionAvailable) properties.Add(PropertyId.WildcardSubscriptionAvailable, 0);
        if (!limits.SubscriptionIdentifierAvailable) properties.Add(PropertyId.SubscriptionIdentifierAvailable, 0);
        if (!limits.SharedSubscriptionAvailable) properties.Add(PropertyId.SharedSubscriptionAvailable, 0);
        if (keepAlive is { } announced) properties.Add(PropertyId.ServerKeepAlive, announced);
        if (connect.Properties.Number(PropertyId.RequestResponseInformation) == 1 && limits.ResponseInformation.Length > 0) // [MQTT-3.1.2-28]
            properties.Add(PropertyId.ResponseInformation, limits.ResponseInformation);
        if (Authentication is { } authentication)
        {
            properties.Add(PropertyId.AuthenticationMethod, authentication.Method); // [MQTT-4.12.0-5]
            if (authentication.Data.Length > 0) properties.Add(PropertyId.AuthenticationData, authentication.Data);
        }
        return new ConnAck(sessionPresent, ReasonCode.Success) { Properties = properties.Build() };
    }

    /// <summary>The session expiry that a client asks for, as far as it is granted: before MQTT 5, Clean Session 0 asks for all there is.</summary>
    public static uint ExpiryInterval(Connect connect, Limits limits)
    {
        uint asked = connect.Version == ProtocolVersion.V5 ? connect.Properties.Number(PropertyId.SessionExpiryInterval) ?? 0
            : connect.CleanStart ? 0 : uint.MaxValue;
        return Granted(asked, limits);
    }

    /// <summary>A session expiry in seconds, capped at the longest that is granted.</summary>
    public static uint Granted(uint asked, Limits limits) => (uint)Math.Min(asked, Math.Min(uint.MaxValue, limits.SessionExpiry.TotalSeconds));

    private async ValueTask<Admission> AuthenticateAsync(Connect connect, string clientIdentifier, Func<Auth, Task<Auth>> ask, CancellationToken cancellation)
    {
        if (connect.Properties.Text(PropertyId.AuthenticationMethod) is { } method)
        {
            Authentication = new AuthenticationFlow(services, method, transport.RemoteEndPoint);
            return await Authentication.AuthenticateAsync(connect.Properties.Data(PropertyId.AuthenticationData), ask, cancellation).ConfigureAwait(false);
        }
        var credentials = new Credentials(clientIdentifier, connect.UserName, connect.Password, transport.RemoteEndPoint, transport.Anonymous)
        {
            CertifiedUserName = transport.CertifiedUserName,
        };
        var admission = await services.Authenticator.AuthenticateAsync(credentials, cancellation).ConfigureAwait(false);
        if (admission.Reason == ReasonCode.Success) return admission;
        services.Counters.Refused();
        throw new ProtocolViolation(admission.Reason, "the client's credentials were refused") { Detail = admission.Why };
    }

    private string RequireIdentifier(Connect connect)
    {
        string identifier = connect.ClientIdentifier;
        switch (connect.Version)
        {
            case ProtocolVersion.V31 when identifier.Length is 0 or > 23:
                ProtocolViolation.Throw(ReasonCode.ClientIdentifierNotValid, "a client identifier of MQTT 3.1 has 1 to 23 characters");
                break;
            case ProtocolVersion.V311 when identifier.Length == 0 && !connect.CleanStart: // [MQTT 3.1.1: MQTT-3.1.3-8]
                ProtocolViolation.Throw(ReasonCode.ClientIdentifierNotValid, "a client without an identifier needs Clean Session 1");
                break;
            default: break;
        }
        if (identifier.Length > 0) return identifier;
        do identifier = "auto-" + RandomNumberGenerator.GetHexString(20, lowercase: true);
        while (services.Sessions.Find(identifier) is not null);
        return identifier;
    }

    private void RequireWill(Will? will)
    {
        if (will is null) return;
        var limits = services.Limits;
        byte[] topic = Encoding.UTF8.GetBytes(will.Topic);
        if (topic.Length > limits.TopicBytes || TopicName.Levels(topic) > limits.TopicLevels)
            ProtocolViolation.Throw(ReasonCode.TopicNameInvalid, "the Will Topic is longer or deeper than allowed");
        if (will.QoS > limits.MaximumQoS) ProtocolViolation.Throw(ReasonCode.QoSNotSupported, "the will's QoS is not offered"); // [MQTT-3.2.2-12]
        if (will.Retain && !limits.RetainAvailable)
            ProtocolViolation.Throw(ReasonCode.RetainNotSupported, "a retained will is not offered"); // [MQTT-3.2.2-13]
        if (limits.ValidatePayloadFormat && !PayloadFormat.IsValid(will.Properties, will.Payload.Span))
            ProtocolViolation.Throw(ReasonCode.PayloadFormatInvalid, "the Will Payload is announced as UTF-8 and is none");
    }

    private static PendingWill Pending(Will will, ClientIdentity client)
    {
        byte[] forwarded = new byte[will.Properties.Encoded.Length];
        var (length, _, expiry) = will.Properties.CopyForwarded(forwarded);
        var message = new ApplicationMessage(new Publication
        {
            Topic = Encoding.UTF8.GetBytes(will.Topic),
            Properties = forwarded.AsSpan(0, length),
            Payload = will.Payload.Span,
            QoS = will.QoS,
            Retain = will.Retain,
            ExpiresAt = ApplicationMessage.Never,
            Publisher = client.ClientIdentifier,
            PublisherUser = client.UserName,
        });
        return new PendingWill(message, will.Properties.Number(PropertyId.WillDelayInterval) ?? 0, expiry);
    }
}
