using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Broker.Tests.Rules;

/// <summary>Who may know whom, read from the sources. Each rule is also shown a text that breaks it.</summary>
public sealed partial class FolderRules
{
    private static readonly string[] ForeignToTheCore = ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Npgsql", "Microsoft.Data.Sqlite", "Broker.Web"];

    [Fact]
    public void A_folder_of_the_core_names_only_floors_above_it() =>
        Floors.Violations(Repository.Below("Broker.Core", ".cs")).ShouldBeEmpty();

    [Theory]
    [InlineData("Topics/Bad.cs", "using Broker.Core.Sessions;", "Broker.Core.Sessions")]
    [InlineData("Topics/Bad.cs", "using S = global::Broker.Core.Sessions.Session;", "Broker.Core.Sessions")]
    [InlineData("Protocol/Packets/Bad.cs", "class A { Core.Topics.TopicTree? x; }", "Broker.Core.Topics")]
    [InlineData("Topics/Bad.cs", "class A { Sessions.Session? x; }", "Sessions.Session")]
    [InlineData("Connections/Bad.cs", "class A(MqttBroker x);", "MqttBroker")]
    [InlineData("Storage/Bad.cs", "class A(Broker.Core.MqttBroker x);", "Broker.Core.MqttBroker")]
    [InlineData("Usings.cs", "global using Broker.Core.Sessions;", "global using")]
    [InlineData("Cellar/Bad.cs", "class A;", "no floor")]
    public void A_name_from_a_closed_floor_is_found(string path, string text, string found) =>
        Floors.Violations(Sample(path, text)).ShouldHaveSingleItem().ShouldContain(found);

    [Theory]
    [InlineData("Sessions/Good.cs", "using Broker.Core.Topics; class A { Topics.TopicTree? x; }")]
    [InlineData("Topics/Good.cs", "class A { /* Sessions.Session */ string x = \"using Broker.Core.Sessions\"; } // MqttBroker")]
    [InlineData("Topics/Good.cs", "class A { long Sessions; int B() => Sessions.CompareTo(1); }")]
    [InlineData("Good.cs", "using Broker.Core.Connections; class A { MqttBroker? x; }")]
    public void What_is_open_is_not_reported(string path, string text) =>
        Floors.Violations(Sample(path, text)).ShouldBeEmpty();

    [Fact]
    public void The_core_knows_no_web_and_no_database()
    {
        var project = XDocument.Parse(Repository.Read("Broker.Core/Broker.Core.csproj").Text);
        ForeignReferences(project).ShouldBeEmpty();
        Repository.Below("Broker.Core", ".cs").SelectMany(ForeignNames).ShouldBeEmpty();
        typeof(Core.MqttBroker).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!)
            .Where(name => ForeignToTheCore.Any(name.StartsWith)).ShouldBeEmpty();
    }

    [Fact]
    public void A_core_that_knows_the_web_is_found()
    {
        ForeignReferences(XDocument.Parse("<Project><ItemGroup><FrameworkReference Include='Microsoft.AspNetCore.App'/></ItemGroup></Project>")).ShouldHaveSingleItem();
        ForeignNames(new SourceFile("Broker.Core/A.cs", "using Microsoft.EntityFrameworkCore;")).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("Broker.Web/Api")]
    [InlineData("Broker.Web/Components")]
    public void Pages_and_endpoints_know_the_front_door_only(string folder) =>
        Repository.Below(folder, ".cs", ".razor").SelectMany(file => Floors.NamedFloors(file, "Diagnostics")).ShouldBeEmpty();

    [Fact]
    public void A_page_that_knows_a_session_is_found() =>
        Floors.NamedFloors(new SourceFile("Broker.Web/Components/A.razor", "@using Broker.Core.Diagnostics\n@using Broker.Core.Sessions"), "Diagnostics")
            .ShouldBe(["Broker.Web/Components/A.razor names Broker.Core.Sessions"]);

    [Theory]
    [InlineData("Broker.Bench")]
    [InlineData("Broker.Core")]
    [InlineData("Broker.Web")]
    [InlineData("Broker.Tests")]
    public void Namespaces_follow_folders(string project) =>
        Repository.Below(project, ".cs").SelectMany(WrongNamespaces).ShouldBeEmpty();

    [Theory]
    [InlineData("namespace Broker.Core;")]
    [InlineData("class A;")]
    public void A_namespace_that_does_not_follow_its_folder_is_found(string text) =>
        WrongNamespaces(new SourceFile("Broker.Core/Topics/A.cs", text)).ShouldHaveSingleItem();

    private static SourceFile[] Sample(string path, string text) =>
    [
        new("Broker.Core/" + path, text),
        new("Broker.Core/MqttBroker.cs", "public sealed class MqttBroker;"),
        new("Broker.Core/Topics/TopicTree.cs", "sealed class TopicTree;"),
        new("Broker.Core/Sessions/Session.cs", "sealed class Session;"),
    ];

    private static IEnumerable<string> ForeignReferences(XDocument project) =>
        from reference in project.Descendants()
        where reference.Name.LocalName is "FrameworkReference" or "PackageReference" or "ProjectReference"
        let name = (string?)reference.Attribute("Include") ?? ""
        where !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        select $"Broker.Core references {name}";

    private static IEnumerable<string> ForeignNames(SourceFile file) =>
        from name in ForeignToTheCore
        where Floors.CodeOf(file.Text).Contains(name, StringComparison.Ordinal)
        select $"{file.Path} names {name}";

    private static IEnumerable<string> WrongNamespaces(SourceFile file)
    {
        var expected = string.Join('.', file.Folders);
        var found = Namespace().Match(file.Text).Groups["name"].Value;
        // Program.cs holds statements, and no namespace stands above those.
        var needsNone = file.Path.EndsWith("/Program.cs", StringComparison.Ordinal) || !Floors.TypesIn(file.Text).Any();
        if (found != expected && !(found.Length == 0 && needsNone))
            yield return $"{file.Path} stands in namespace '{found}' instead of '{expected}'";
    }

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
