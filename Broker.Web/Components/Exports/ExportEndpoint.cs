using System.Net.Mime;
using Broker.Web.Security;

namespace Broker.Web.Components.Exports;

/// <summary>Lists to take away: <c>/export/clients.csv</c>, with the filters that the page of the list has in its URL.</summary>
internal static class ExportEndpoint
{
    /// <summary>Maps the lists.</summary>
    public static void MapExports(this WebApplication app) =>
        app.MapGet("/export/{list}.{format:regex(^(csv|json)$)}", Export).RequireAuthorization(Scopes.Read).ExcludeFromDescription();

    private static IResult Export(string list, string format, HttpContext http, ExportLists lists)
    {
        if (lists.Find(list, http.Request.Query, http.User) is not { } table)
        {
            return TypedResults.NotFound();
        }

        var isCsv = format == "csv";
        return TypedResults.Stream(
            target => WriteAsync(table, isCsv, target, http.RequestAborted),
            isCsv ? "text/csv; charset=utf-8; header=present" : MediaTypeNames.Application.Json,
            fileDownloadName: $"{list}.{format}");
    }

    // What goes wrong in the middle cannot be told any more but by breaking off: a shorter file would pass for a whole one.
    private static Task WriteAsync(IExportTable table, bool isCsv, Stream target, CancellationToken cancellation) =>
        isCsv ? table.WriteCsvAsync(target, cancellation) : table.WriteJsonAsync(target, cancellation);
}
