using System.Net;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Security.External;

namespace Broker.Tests.Security.External;

/// <summary>The first that answers decides.</summary>
public sealed class AuthenticatorChainTests
{
    [Theory]
    [InlineData("token", "hook", "token")]
    [InlineData(null, "hook", "hook")]
    [InlineData(null, null, null)]
    public async Task The_first_answer_counts_and_the_store_comes_last(string? first, string? second, string? admitted)
    {
        var chain = new AuthenticatorChain([new Known(first), new Known(second)], new Store());

        (await chain.AuthenticateAsync(new("c1", null, null, null, AnonymousAccess.Always), default)).ShouldBe(Admission.Of(admitted));
    }

    [Fact]
    public async Task A_refusal_is_an_answer()
    {
        var chain = new AuthenticatorChain([new Refusing(), new Known("hook")], new Store());

        (await chain.AuthenticateAsync(new("c1", null, null, null, AnonymousAccess.Always), default)).Reason.ShouldBe(ReasonCode.BadUserNameOrPassword);
    }

    [Fact]
    public void Enhanced_authentication_is_the_stores() =>
        new AuthenticatorChain([new Refusing()], new Store()).Begin("SCRAM-SHA-256", null).ShouldNotBeNull();

    // Lets everybody in as nobody, and offers an exchange.
    private sealed class Store : IAuthenticator, IAuthenticationExchange
    {
        public ValueTask<Admission> AuthenticateAsync(Core.Access.Credentials credentials, CancellationToken cancellation) => new(Admission.Of(null));

        public IAuthenticationExchange? Begin(string method, EndPoint? address) => this;

        public ValueTask<AuthenticationStep> StepAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private sealed class Known(string? name) : ICredentialCheck
    {
        public ValueTask<Admission?> AdmitAsync(Core.Access.Credentials credentials, CancellationToken cancellation) => new(name is null ? null : Admission.Of(name));
    }

    private sealed class Refusing : ICredentialCheck
    {
        public ValueTask<Admission?> AdmitAsync(Core.Access.Credentials credentials, CancellationToken cancellation) =>
            new(Admission.Refused(ReasonCode.BadUserNameOrPassword, "no"));
    }
}
