namespace Broker.Tests.Listeners;

/// <summary>A certificate that cannot be used is told at start, with what is wrong about it.</summary>
public sealed class CertificateErrorTests : IDisposable
{
    private readonly Certificates files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void None() => Told().ShouldBe(("Path", "needs a certificate"));

    [Fact]
    public void A_file_that_is_missing() => Told(("Path", files.PathOf("missing.pem"))).ShouldBe(("Path", "there is no file"));

    [Fact]
    public void A_key_file_that_is_missing() => Told(("Path", files.Chain), ("KeyPath", files.PathOf("missing.pem"))).ShouldBe(("KeyPath", "there is no file"));

    [Fact]
    public void A_certificate_without_its_key() => Told(("Path", files.Chain)).ShouldBe(("Path", "holds no private key"));

    [Fact]
    public void A_key_of_another_certificate() => Told(("Path", files.Chain), ("KeyPath", files.OtherKey)).ShouldBe(("Path", "cannot be used"));

    [Fact]
    public void An_encrypted_key_without_a_password() => Told(("Path", files.Chain), ("KeyPath", files.EncryptedKey)).ShouldBe(("Path", "is encrypted and no Password is set"));

    [Fact]
    public void An_encrypted_key_with_a_wrong_password() =>
        Told(("Path", files.Chain), ("KeyPath", files.EncryptedKey), ("Password", "wrong")).ShouldBe(("Password", "the password does not open"));

    [Fact]
    public void A_PFX_file_with_a_wrong_password() => Told(("Path", files.Pfx), ("Password", "wrong")).ShouldBe(("Password", "cannot be opened as a PFX file with this password"));

    [Fact]
    public void A_PFX_file_without_a_password() => Told(("Path", files.Pfx)).ShouldBe(("Path", "cannot be opened as a PFX file without a password"));

    [Fact]
    public void A_file_that_is_no_certificate() => Told(("Path", typeof(object).Assembly.Location)).ShouldBe(("Path", "cannot be opened as a PFX file without a password"));

    [Fact]
    public void A_certificate_where_nothing_is_encrypted() =>
        ConfigurationTests.Errors(("Mqtt:Listeners:0:Url", "mqtt://localhost"), ("Mqtt:Listeners:0:Certificate:Path", files.Together)).ShouldHaveSingleItem().Remedy.ShouldContain("mqtts://");

    [Fact]
    public void An_HTTPS_endpoint_is_checked_likewise() =>
        ConfigurationTests.Errors(("Kestrel:Endpoints:Https:Url", "https://localhost:0"), ("Kestrel:Endpoints:Https:Certificate:Path", files.Chain))
            .ShouldHaveSingleItem().Key.ShouldBe("Kestrel:Endpoints:Https:Certificate:Path");

    // The key that is named, and the expected part of the problem, or else all of it. A password is never shown.
    private static (string Key, string Problem) Told(params (string Key, string Value)[] certificate)
    {
        const string section = "Mqtt:Listeners:0:Certificate:";
        var error = ConfigurationTests.Errors([("Mqtt:Listeners:0:Url", "mqtts://localhost"), .. certificate.Select(pair => (section + pair.Key, pair.Value))]).ShouldHaveSingleItem();
        error.ToString().ShouldNotContain("\"wrong\"");
        string[] known = ["needs a certificate", "there is no file", "holds no private key", "is encrypted and no Password is set", "the password does not open",
            "cannot be opened as a PFX file with this password", "cannot be opened as a PFX file without a password", "cannot be opened as a PFX file", "cannot be used"];
        return (error.Key[section.Length..], known.FirstOrDefault(one => error.Problem.Contains(one, StringComparison.Ordinal)) ?? error.Problem);
    }
}
