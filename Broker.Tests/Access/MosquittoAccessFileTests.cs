using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Web.Commands;
using Broker.Web.Security.Access;

namespace Broker.Tests.Access;

/// <summary>ACL files of Mosquitto, taken over whole or not at all.</summary>
public sealed class MosquittoAccessFileTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Lines_become_rules_in_the_order_in_which_Mosquitto_asks()
    {
        var rules = Read("""
            # a comment
            topic read news/#
            topic deny news/secret

            user anna lee
            topic readwrite home/the garden
            topic write home/+/set
              topic deny home/cellar
            pattern readwrite own/%u/#
            pattern read dev/%c/#
            pattern deny dev/%c/secret
            pattern read public/#
            """);

        rules.Select(rule => rule.Words).ShouldBe(
        [
            "deny anonymous clients to publish and subscribe to news/secret",
            "deny user anna lee to publish and subscribe to home/cellar",
            "allow anonymous clients to subscribe to news/#",
            "allow user anna lee to publish and subscribe to home/the garden",
            "allow user anna lee to publish to home/+/set",
            "deny anyone to publish and subscribe to dev/%c/secret",
            "allow anyone to subscribe to public/#",
            "allow anyone to subscribe to dev/%c/#",
            "allow anyone to publish and subscribe to own/%u/#",
        ]);
    }

    [Fact]
    public void A_topic_with_spaces_needs_its_access_before_it_as_in_Mosquitto()
    {
        Read("topic readwrite the garden").ShouldHaveSingleItem().Filter.ShouldBe("the garden");
        Fault("topic the garden").ShouldContain("line 1: 'the' is not known; allowed before the topic is read, write, readwrite or deny");
    }

    [Fact]
    public void They_decide_as_Mosquitto_does()
    {
        var drafts = Read("topic read a/#\nuser anna\ntopic a/#\ntopic deny a/x\npattern write p/%u\n");
        var policy = new AccessPolicy([.. drafts.Select(AccessWords.Check)], allowsByDefault: false);
        bool Writes(string? user, string topic) => policy.RulesOf(new ClientIdentity("c", user, null)).Publish(System.Text.Encoding.UTF8.GetBytes(topic), QualityOfService.AtMostOnce, false).Allows;

        (Writes(null, "a/b"), Writes("anna", "a/b"), Writes("anna", "a/x"), Writes("bert", "a/b")).ShouldBe((false, true, false, false));
        (Writes("bert", "p/bert"), Writes("bert", "p/anna"), Writes(null, "p/bert"), Writes("+", "p/bert")).ShouldBe((true, false, false, false));
        policy.RulesOf(new ClientIdentity("c", null, null)).Subscribe(TopicFilter.Parse("a/b")).Allows.ShouldBeTrue();
    }

    [Theory] // CVE-2018-12550
    [InlineData("")]
    [InlineData("\n\n# topic a\n")]
    [InlineData("user anna\n")]
    public void A_file_without_a_rule_is_refused(string text) => Fault(text).ShouldContain("holds no rule");

    [Theory]
    [InlineData("topic a\ntopc b", "line 2: 'topc' is not known")]
    [InlineData("topic a/#/b", "line 1: 'a/#/b': # is the last level")]
    [InlineData("topic", "line 1: there is no topic")]
    [InlineData("user", "line 1: there is no name behind 'user'")]
    [InlineData("user anna\ntopic own/%u", "line 2: Mosquitto takes %u and %c in a topic line as they stand")]
    [InlineData("pattern own/+%u", "line 1: 'own/+%u'")]
    [InlineData("topic a\0", "line 1:")]
    public void A_line_that_cannot_be_is_told_and_nothing_is_taken(string text, string told) => Fault(text).ShouldContain(told);

    [Fact]
    public void What_is_no_text_is_refused()
    {
        File.WriteAllBytes(file, [(byte)'t', 0xFF, 0xFE]);
        Should.Throw<InvalidDataException>(() => MosquittoAccessFile.Read(file)).Message.ShouldContain("no text in UTF-8");
    }

    private IReadOnlyList<RuleDraft> Read(string text)
    {
        File.WriteAllText(file, text);
        return MosquittoAccessFile.Read(file);
    }

    private string Fault(string text)
    {
        File.WriteAllText(file, text);
        string message = Should.Throw<InvalidDataException>(() => MosquittoAccessFile.Read(file)).Message;
        message.ShouldEndWith("Nothing was imported");
        return message;
    }
}
