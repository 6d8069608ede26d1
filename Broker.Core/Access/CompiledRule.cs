using Broker.Core.Protocol;

namespace Broker.Core.Access;

/// <summary>A rule with the names of one client in it.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Filter">What it concerns; null for every topic.</param>
/// <param name="Allows">Whether it allows; one whose placeholders the client's names cannot fill denies.</param>
/// <param name="Why">What the rule alone does not tell.</param>
internal sealed record CompiledRule(AccessRule Rule, TopicFilter? Filter, bool Allows, string Why = "")
{
    private bool IsReserved { get; init; }

    public static CompiledRule Everything(AccessRule rule) => new(rule, null, rule.Allows);

    public static CompiledRule Of(AccessRule rule, ClientIdentity client)
    {
        if (rule.Filter == ClientRules.Reserved) return new CompiledRule(rule, null, rule.Allows) { IsReserved = true };
        if (!Placeholders.AreIn(rule.Filter)) return new CompiledRule(rule, TopicFilter.Parse(rule.Filter), rule.Allows);
        if (Placeholders.CanFill(rule.Filter, client.UserName, client.ClientIdentifier))
            return new CompiledRule(rule, TopicFilter.Parse(Placeholders.Fill(rule.Filter, client.UserName ?? "", client.ClientIdentifier)), rule.Allows);
        string? wide = Placeholders.Widen(rule.Filter);
        return new CompiledRule(rule, wide is null ? null : TopicFilter.Parse(wide), Allows: false, "the client's name cannot stand for its placeholder");
    }

    public bool Concerns(AccessAction action) => (Rule.Action & action) != 0;

    public bool Matches(ReadOnlySpan<byte> topic) => IsReserved ? TopicName.IsReserved(topic) : Filter is null || Filter.Matches(topic);

    public bool Covers(TopicFilter filter) => Filter is null ? !IsReserved || filter.Utf8[0] == (byte)'$' : Filter.Covers(filter);

    public bool Overlaps(TopicFilter filter) => Filter is null ? !IsReserved || filter.Utf8[0] == (byte)'$' : Filter.Overlaps(filter);
}
