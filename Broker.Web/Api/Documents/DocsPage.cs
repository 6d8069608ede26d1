using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Broker.Web.Api.Documents;

/// <summary>The document of the API as a page: plain HTML without a script, made on the host, so that nothing is fetched from elsewhere.</summary>
internal static class DocsPage
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes the page.</summary>
    public static async Task<ContentHttpResult> RenderAsync([FromKeyedServices("v1")] IOpenApiDocumentProvider documents, CancellationToken cancellation)
    {
        var document = await documents.GetOpenApiDocumentAsync(cancellation);
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>API · Broker</title>
            <link rel="stylesheet" href="/css/base.css"><link rel="stylesheet" href="/css/api.css"></head>
            <body class="api-docs"><header><h1>REST API</h1><p>{Text(document.Info.Description)}</p>
            <p>Version {Text(document.Info.Version)} · <a href="/openapi/v1.json">OpenAPI 3.1</a> · <a href="/">Dashboard</a></p></header>

            """);
        var operations = document.Paths.SelectMany(path => (path.Value.Operations ?? []).Select(operation => (Path: path.Key, Method: operation.Key.Method, Operation: operation.Value))).ToList();
        foreach (var group in operations.GroupBy(one => one.Operation.Tags?.FirstOrDefault()?.Name ?? ""))
        {
            html.Append(CultureInfo.InvariantCulture, $"<section><h2>{Text(group.Key)}</h2>\n");
            foreach (var (path, method, operation) in group) Write(html, path, method, operation);
            html.Append("</section>\n");
        }
        html.Append("</body></html>\n");
        return TypedResults.Text(html.ToString(), MediaTypeNames.Text.Html, Encoding.UTF8);
    }

    private static void Write(StringBuilder html, string path, string method, OpenApiOperation operation)
    {
        html.Append(CultureInfo.InvariantCulture, $"""
            <details><summary><code class="method">{Text(method.ToUpperInvariant())}</code> <code>{Text(path)}</code> <span>{Text(operation.Summary)}</span></summary>
            <p>{Text(operation.Description)}</p>

            """);
        if (operation.Parameters is { Count: > 0 } parameters)
        {
            html.Append("<table><thead><tr><th>Parameter</th><th>In</th><th>Needed</th></tr></thead><tbody>\n");
            foreach (var parameter in parameters) html.Append(CultureInfo.InvariantCulture, $"<tr><td><code>{Text(parameter.Name)}</code></td><td>{Text($"{parameter.In}".ToLowerInvariant())}</td><td>{(parameter.Required ? "yes" : "no")}</td></tr>\n");
            html.Append("</tbody></table>\n");
        }
        Example(html, "Request", operation.RequestBody?.Content);
        foreach (var (status, answer) in operation.Responses ?? [])
        {
            html.Append(CultureInfo.InvariantCulture, $"<p><b>{Text(status)}</b> {Text(answer.Description)}</p>\n");
            Example(html, "Answer", answer.Content);
        }
        html.Append("</details>\n");
    }

    private static void Example(StringBuilder html, string what, IDictionary<string, OpenApiMediaType>? content)
    {
        if (content?.Values.FirstOrDefault()?.Example is not { } example) return;
        html.Append(CultureInfo.InvariantCulture, $"<p>{what}</p><pre>{Text(example.ToJsonString(Indented))}</pre>\n");
    }

    private static string Text(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
