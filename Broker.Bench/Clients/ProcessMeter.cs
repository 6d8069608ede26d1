using System.Diagnostics;

namespace Broker.Bench.Clients;

/// <summary>What a process of this machine uses: the broker's, so that its work is counted and not that of the load.</summary>
internal sealed class ProcessMeter : IDisposable
{
    private readonly Process? process;

    /// <summary>Finds the process.</summary>
    /// <param name="id">Its number, or 0 if none is measured: then all figures are 0.</param>
    /// <exception cref="FormatException">There is no such process.</exception>
    public ProcessMeter(int id)
    {
        if (id == 0) return;
        try
        {
            process = Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            throw new FormatException($"--process: there is no process {id}");
        }
    }

    /// <summary>Whether a process is measured.</summary>
    public bool IsThere => process is not null;

    /// <summary>Its processor time up to now, in seconds, of all its threads.</summary>
    public double CpuSeconds
    {
        get
        {
            process?.Refresh();
            return process?.TotalProcessorTime.TotalSeconds ?? 0;
        }
    }

    /// <summary>Its resident memory, in MiB.</summary>
    public double ResidentMebibytes
    {
        get
        {
            process?.Refresh();
            return Math.Round((process?.WorkingSet64 ?? 0) / 1048576.0, 1);
        }
    }

    public void Dispose() => process?.Dispose();
}
