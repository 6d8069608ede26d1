using System.Globalization;
using System.Text;
using Broker.Core.Access;
using Broker.Core.Protocol;
using Broker.Tests.Topics;
using Xunit.Abstractions;

namespace Broker.Tests.Access;

/// <summary>
/// A plain writing of the rules and the real ones agree on random rules, clients and topics. <c>TRIPLES</c> in the environment sets how many are tried, such as
/// 1000000, <c>SEED</c> where they begin.
/// </summary>
public sealed class AccessModelTests(ITestOutputHelper output)
{
    private const int PerPolicy = 20;

    private static readonly int Count = Setting("TRIPLES", 20_000);
    private static readonly int Seed = Setting("SEED", 20_264);

    [Fact]
    public void The_model_and_the_rules_agree_on_random_rules_clients_and_topics()
    {
        output.WriteLine($"{Count} triples, seed {Seed}");
        var allowed = new int[2];
        Parallel.For(0, Count / PerPolicy, number => Interlocked.Add(ref allowed[0], Try(new Random(unchecked(Seed * 1_000_003 + number)))));
        ((double)allowed[0] / Count).ShouldBeInRange(0.2, 0.8, "almost all were allowed, or almost none");
    }

    // Returns how many were allowed.
    private static int Try(Random random)
    {
        var make = new RandomAccess(random);
        AccessRule[] rules = [.. Enumerable.Range(1, random.Next(0, 8)).Select(make.Rule)];
        bool byDefault = random.Next(2) == 0;
        var policy = new AccessPolicy(rules, byDefault, RandomAccess.Members);
        int allowed = 0;
        for (int i = 0; i < PerPolicy; i++)
        {
            var client = make.Client();
            var own = policy.RulesOf(client);
            string topic = make.Topic();
            var (qos, retain) = (random.Next(3), random.Next(2) == 0);
            byte[] utf8 = Encoding.UTF8.GetBytes(topic);
            string about = $"{client.UserName}, {client.ClientIdentifier}, {topic}, QoS {qos}, RETAIN {retain}, default {byDefault}:\n{string.Join('\n', rules.Select(rule => rule.ToString()))}";

            var decision = own.Publish(utf8, (QualityOfService)qos, retain);
            (decision.Allows, decision.Rule.Id).ShouldBe(ReferenceAccess.Publish(rules, byDefault, RandomAccess.Members, client, topic, qos, retain), about);
            bool mayReceive = own.MayReceive(utf8);
            mayReceive.ShouldBe(ReferenceAccess.MayReceive(rules, byDefault, RandomAccess.Members, client, topic), about);
            CheckSubscription(own, topic, mayReceive, NaiveMatcher.RandomFilter(random), about);
            var question = new AccessQuestion(client, AccessAction.Publish, topic) { QoS = (QualityOfService)qos, Retain = retain };
            own.Explain(question).Decision.ToString().ShouldBe(decision.ToString(), about);
            if (decision.Allows) allowed++;
        }
        return allowed;
    }

    // A subscription that is granted and not cut brings nothing that may not be received; one to a topic alone is granted as the topic is.
    private static void CheckSubscription(ClientRules own, string topic, bool mayReceive, string filter, string about)
    {
        if (!topic.AsSpan().ContainsAny('+', '#')) own.Subscribe(TopicFilter.Parse(topic)).Allows.ShouldBe(mayReceive, about);
        var subscription = own.Subscribe(TopicFilter.Parse(filter));
        if (subscription is { Allows: true, IsCut: false } && NaiveMatcher.Matches(filter, topic)) mayReceive.ShouldBeTrue($"{filter} of {about}");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
