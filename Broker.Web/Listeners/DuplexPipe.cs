using System.IO.Pipelines;

namespace Broker.Web.Listeners;

/// <summary>Two directions that were made apart.</summary>
internal sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
