using Broker.Core.Topics;

namespace Broker.Tests.Topics;

/// <summary>A message of a shared subscription goes to one member, in turn (MQTT 5, section 4.8.2).</summary>
public sealed class ShareGroupTests
{
    private readonly TopicTree<Client> tree = new();
    private readonly Client[] clients = [new("a"), new("b"), new("c")];
    private readonly List<Subscription<Client>> members = [];

    public ShareGroupTests()
    {
        foreach (var client in clients)
        {
            members.Add(TopicTreeTests.Subscribe(client, "$share/g/t"));
            tree.Add(members[^1]);
        }
    }

    [Fact]
    public void Members_take_turns()
    {
        var took = Enumerable.Range(0, 9).Select(_ => Offer(_ => true)).ToList();
        took.Distinct().Count().ShouldBe(3);
        took[..3].ShouldBe(took[3..6]);
        took[..3].ShouldBe(took[6..]);
    }

    [Fact]
    public void Who_cannot_take_it_is_passed_over() =>
        Enumerable.Range(0, 9).Select(_ => Offer(client => client.Name == "b")).Distinct().ShouldBe(["b"]);

    [Fact]
    public void Who_can_take_it_at_once_goes_before_who_keeps_it_for_later()
    {
        for (int i = 0; i < 9; i++) Offer(client => client.Name == "b", _ => true).ShouldBe("b");
        Offer(_ => false, client => client.Name == "c").ShouldBe("c");
    }

    [Fact]
    public void What_nobody_takes_is_told() => Offer(_ => false).ShouldBeNull();

    [Fact]
    public void A_member_that_left_is_offered_nothing_and_a_new_one_is()
    {
        tree.Remove(members[0]);
        tree.Add(TopicTreeTests.Subscribe(new Client("d"), "$share/g/t"));
        Enumerable.Range(0, 12).Select(_ => Offer(_ => true)).Distinct().Order().ShouldBe(["b", "c", "d"]);
    }

    [Fact]
    public void Groups_of_other_names_and_filters_get_copies_of_their_own()
    {
        tree.Add(TopicTreeTests.Subscribe(clients[0], "$share/h/t"));
        tree.Add(TopicTreeTests.Subscribe(clients[0], "$share/g/+"));
        tree.Add(TopicTreeTests.Subscribe(clients[0], "t"));
        var matches = tree.Match("t"u8);
        (matches.Groups.Length, matches.Subscribers.Length, matches.Count).ShouldBe((3, 1, 4));
    }

    private string? Offer(Func<Client, bool> canTake, Func<Client, bool>? canKeep = null)
    {
        var state = new State { CanTake = canTake, CanKeep = canKeep ?? canTake };
        bool taken = tree.Match("t"u8).Groups.Single(group => group.Name == "g").Offer(ref state, static (ref State state, Subscription<Client> member, bool mayKeep) =>
        {
            if (!(mayKeep ? state.CanKeep : state.CanTake)(member.Subscriber)) return false;
            state.TakenBy = member.Subscriber.Name;
            return true;
        });
        taken.ShouldBe(state.TakenBy is not null);
        return state.TakenBy;
    }

    private struct State
    {
        public Func<Client, bool> CanTake;
        public Func<Client, bool> CanKeep;
        public string? TakenBy;
    }
}
