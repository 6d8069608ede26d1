using Broker.Web.Persistence.Model;
using Broker.Web.Security.Access;

namespace Broker.Web.Components.Parts.Access;

/// <summary>A rule of access that is being written.</summary>
public sealed class RuleForm
{
    /// <summary>Its number; null for a new one.</summary>
    public long? Id { get; init; }

    /// <summary>Whom it concerns.</summary>
    public string Subject { get; set; } = "anyone";

    /// <summary>The user, group or client identifier.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it concerns.</summary>
    public string Action { get; set; } = "both";

    /// <summary>The topic filter.</summary>
    public string Filter { get; set; } = "";

    /// <summary>Whether it allows or denies.</summary>
    public bool Allows { get; set; } = true;

    /// <summary>The same as a word, for a list to choose from.</summary>
    public string Effect
    {
        get => Allows ? "allow" : "deny";
        set => Allows = value == "allow";
    }

    /// <summary>The highest QoS that it allows.</summary>
    public int MaximumQoS { get; set; } = 2;

    /// <summary>Whether it allows to publish with RETAIN.</summary>
    public bool MayRetain { get; set; } = true;

    /// <summary>What people note about it.</summary>
    public string Note { get; set; } = "";

    /// <summary>Its place, counted from 1; null for the end, or for where it stands.</summary>
    public int? Position { get; set; }

    /// <summary>Whether the subject has a name.</summary>
    public bool IsNamed => Subject is "user" or "group" or "client";

    /// <summary>What was written.</summary>
    internal RuleDraft Draft => new(Subject, IsNamed ? Name : "", Action, Filter, Allows) { MaximumQoS = Allows ? MaximumQoS : 2, MayRetain = !Allows || MayRetain, Note = Note };

    /// <summary>A rule as it stands, to be changed.</summary>
    internal static RuleForm Of(AccessRuleRow row) => new()
    {
        Id = row.Id,
        Subject = row.Subject,
        Name = row.Name,
        Action = row.Action,
        Filter = row.Filter,
        Allows = row.Allows,
        MaximumQoS = row.MaximumQos,
        MayRetain = row.MayRetain,
        Note = row.Note,
        Position = row.Position,
    };
}
