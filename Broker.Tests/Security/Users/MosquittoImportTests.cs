using System.Security.Cryptography;
using System.Text;
using Broker.Core.Protocol;
using Broker.Web.Commands;
using Broker.Web.Security;
using Broker.Web.Security.Users;

namespace Broker.Tests.Security.Users;

/// <summary>Password files of Mosquitto.</summary>
public sealed class MosquittoImportTests : IAsyncLifetime
{
    private readonly UserBench bench = new();
    private readonly string file = Path.GetTempFileName();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await bench.DisposeAsync();
        File.Delete(file);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public async Task An_imported_hash_lets_in_and_is_replaced_by_ours_at_the_first_right_password(int kind)
    {
        await ImportAsync($"anna:{Hash(kind, "pencil")}\n");
        (await bench.ReasonAsync("anna", "pen")).ShouldBe(ReasonCode.BadUserNameOrPassword);
        (await bench.Users.FindAsync("anna", default))!.PasswordHash.ShouldStartWith($"${kind}$");

        var admission = await bench.AskAsync("anna", "pencil");
        admission.Reason.ShouldBe(ReasonCode.Success);

        var renewed = (await bench.Users.FindAsync("anna", default))!;
        renewed.PasswordHash.ShouldNotStartWith("$");
        renewed.ScramStoredKey.ShouldNotBeNull();
        bench.Clock.Advance(TimeSpan.FromHours(2)); // what was right before is not remembered any more
        (await bench.ReasonAsync("anna", "pencil")).ShouldBe(ReasonCode.Success);
        admission.Revoked!.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public void A_hash_that_mosquitto_passwd_has_written_fits_its_password()
    {
        const string written = "$7$101$C2oSv5TAdOM70R8+$3NbkiwDvVPsqVEgZZn0FpidtKZ59JvMdDOe/RsJC4h0tFYlGNKA21s6U7MSMUTAxlqliONBwvz6nsxVN/Raw1A==";
        MosquittoHash.Fits(written, "pencil").ShouldBeTrue();
        MosquittoHash.Fits(written, "pen").ShouldBeFalse();
    }

    [Fact]
    public async Task Users_that_there_are_stay_as_they_are_unless_they_are_to_be_replaced()
    {
        await bench.AddAsync("anna", UserBench.Password, "a");
        await File.WriteAllTextAsync(file, $"# by hand\n\nanna:{Hash(7, "pencil")}\nberta:{Hash(7, "pencil")}\n");
        (await bench.Users.ImportAsync(MosquittoPasswordFile.Read(file), false, file, Actor.Configuration)).ShouldBe((1, 1));
        (await bench.ReasonAsync("anna", UserBench.Password)).ShouldBe(ReasonCode.Success);
        (await bench.Users.ImportAsync(MosquittoPasswordFile.Read(file), true, file, Actor.Configuration)).ShouldBe((0, 2));
        (await bench.ReasonAsync("anna", "pencil")).ShouldBe(ReasonCode.Success);
        (await bench.Users.FindAsync("anna", default))!.Groups.ShouldBe("a");
    }

    [Theory]
    [InlineData("anna", "there is no ':'")]
    [InlineData("anna:pencil", "the hash is neither")]
    [InlineData("anna:$5$salt$hash", "the hash is neither")]
    [InlineData("anna:$7$0$c2FsdA==$aGFzaA==", "the hash is neither")]
    [InlineData(":$7$101$c2FsdA==$aGFzaA==", "can be no user's name")]
    [InlineData("an\u0007na:$7$101$c2FsdA==$aGFzaA==", "can be no user's name")]
    public async Task A_line_that_is_wrong_is_told_with_its_number_and_nothing_is_imported(string line, string problem)
    {
        await File.WriteAllTextAsync(file, $"berta:{Hash(7, "pencil")}\n{line}\n");
        var refused = Should.Throw<InvalidDataException>(() => MosquittoPasswordFile.Read(file));
        refused.Message.ShouldContain("line 2: ");
        refused.Message.ShouldContain(problem);
        refused.Message.ShouldNotContain("\u0007");
    }

    [Fact]
    public async Task A_file_that_is_no_UTF_8_is_refused_as_a_whole()
    {
        await File.WriteAllBytesAsync(file, [.. "anna:"u8, 0xff, .. "\n"u8]);
        Should.Throw<InvalidDataException>(() => MosquittoPasswordFile.Read(file)).Message.ShouldBe($"{file} is no text in UTF-8. Nothing was imported");
    }

    private async Task ImportAsync(string text)
    {
        await File.WriteAllTextAsync(file, text);
        await bench.Users.ImportAsync(MosquittoPasswordFile.Read(file), false, file, Actor.Configuration);
    }

    private static string Hash(int kind, string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(12), bytes = Encoding.UTF8.GetBytes(password);
        return kind == 6
            ? $"$6${Convert.ToBase64String(salt)}${Convert.ToBase64String(SHA512.HashData([.. bytes, .. salt]))}"
            : $"$7$101${Convert.ToBase64String(salt)}${Convert.ToBase64String(Rfc2898DeriveBytes.Pbkdf2(bytes, salt, 101, HashAlgorithmName.SHA512, 64))}";
    }
}
