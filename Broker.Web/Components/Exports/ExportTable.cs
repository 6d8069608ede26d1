using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Broker.Web.Components.Exports;

/// <summary>A list as it leaves the dashboard: whole, row by row, as CSV (RFC 4180) or JSON.</summary>
/// <param name="Rows">The rows, read page by page.</param>
/// <param name="Columns">The columns.</param>
internal sealed record ExportTable<T>(IAsyncEnumerable<T> Rows, IReadOnlyList<ExportColumn<T>> Columns) : IExportTable
{
    /// <inheritdoc/>
    public async Task WriteCsvAsync(Stream target, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(target, leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(string.Join(',', Columns.Select(column => column.Name)));
        await foreach (var row in Rows.WithCancellation(cancellation))
        {
            await writer.WriteLineAsync(string.Join(',', Columns.Select(column => Cell(column.Value(row)))));
        }
    }

    /// <inheritdoc/>
    public async Task WriteJsonAsync(Stream target, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        await foreach (var row in Rows.WithCancellation(cancellation))
        {
            writer.WriteStartObject();
            foreach (var column in Columns)
            {
                writer.WritePropertyName(column.Name);
                JsonSerializer.Serialize(writer, column.Value(row));
            }

            writer.WriteEndObject();
            await target.WriteAsync(Written(writer, buffer), cancellation);
        }

        writer.WriteEndArray();
        await target.WriteAsync(Written(writer, buffer), cancellation);
    }

    private static byte[] Written(Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer)
    {
        writer.Flush();
        var written = buffer.WrittenSpan.ToArray();
        buffer.ResetWrittenCount();
        return written;
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Quoted(Harmless(text)),
        DateTime at => DateTime.SpecifyKind(at, DateTimeKind.Utc).ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    // A spreadsheet takes a text that begins so for a formula, and clients choose their names.
    private static string Harmless(string text) => text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}

/// <summary>A column.</summary>
/// <param name="Name">Its name, as in the REST API.</param>
/// <param name="Value">What stands in it.</param>
internal sealed record ExportColumn<T>(string Name, Func<T, object?> Value);

/// <summary>A list that can be written.</summary>
internal interface IExportTable
{
    /// <summary>Writes it as CSV with a line of names.</summary>
    Task WriteCsvAsync(Stream target, CancellationToken cancellation);

    /// <summary>Writes it as an array of objects.</summary>
    Task WriteJsonAsync(Stream target, CancellationToken cancellation);
}
