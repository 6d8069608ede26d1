using System.Text.Json;

namespace Broker.Tests.Api;

/// <summary>The description of the API.</summary>
[Collection(SqliteApi.Name)]
public sealed class DocumentTests(SqliteApiHost host) : ApiTests(host)
{
    [Fact]
    public async Task The_document_is_OpenAPI_and_shows_each_operation_with_its_scope_and_examples()
    {
        var document = JsonDocument.Parse(await Http.GetStringAsync("/openapi/v1.json")).RootElement;

        document.Text("openapi")!.ShouldStartWith("3.1.");
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (Name: $"{operation.Name} {path.Name}", operation.Value))).ToList();
        operations.Count.ShouldBeGreaterThan(25);
        foreach (var (name, operation) in operations)
        {
            operation.Text("summary").ShouldNotBeNullOrEmpty(name);
            operation.GetProperty("security").GetArrayLength().ShouldBe(1, name);
            if (operation.TryGetProperty("requestBody", out var body)) HasExample(body).ShouldBeTrue($"{name} shows no request");
            var answer = operation.GetProperty("responses").EnumerateObject().First(one => one.Name[0] == '2').Value;
            if (answer.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out _)) HasExample(answer).ShouldBeTrue($"{name} shows no answer");
        }
    }

    [Fact]
    public async Task Each_example_of_a_request_is_taken_as_it_stands()
    {
        var document = JsonDocument.Parse(await Http.GetStringAsync("/openapi/v1.json")).RootElement;
        var publish = document.GetProperty("paths").GetProperty("/api/v1/publish").GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example");

        (await SendAsync(HttpMethod.Post, "/publish", publish)).Text("topic").ShouldBe(publish.Text("topic"));
    }

    [Fact]
    public async Task The_page_shows_every_path_and_loads_nothing_from_elsewhere()
    {
        string page = await Http.GetStringAsync("/api/docs");

        page.ShouldContain("/api/v1/clients/{id}/timeline");
        page.ShouldContain("Needs the scope operate.");
        page.ShouldNotContain("<script");
        page.ShouldNotContain("src=");
        page.ShouldNotContain("href=\"http");
    }

    private static bool HasExample(JsonElement body) => body.GetProperty("content").EnumerateObject().Any(media => media.Value.TryGetProperty("example", out _));
}
