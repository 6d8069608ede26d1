using System.Globalization;
using Broker.Core.Protocol;
using Broker.Core.Storage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Broker.Tests.Crash;

/// <summary>
/// The real host with a store that says that a batch is committed before it is: 50 ms before unless it is told otherwise, as brokers do that write behind. The
/// crash tests must find losses in it, else they would find none anywhere.
/// </summary>
internal static class LyingBroker
{
    /// <summary>The command that starts it.</summary>
    public const string Command = "broker-that-lies";

    private const string DelaySetting = "--Lie=";

    /// <summary>The setting that makes it commit so much too late.</summary>
    public static string Late(TimeSpan delay) => $"{DelaySetting}{delay}";

    /// <summary>Runs it until the process is killed.</summary>
    /// <param name="settings">Settings of the host, as on its command line.</param>
    public static async Task RunAsync(string[] settings)
    {
        await using var host = new Host(settings);
        host.StartServer();
        await Task.Delay(Timeout.Infinite);
    }

    private sealed class Host : WebApplicationFactory<Program>
    {
        private readonly string[] settings;

        public Host(string[] settings)
        {
            this.settings = settings;
            UseKestrel();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            var late = settings.Where(setting => setting.StartsWith(DelaySetting, StringComparison.Ordinal)).ToList();
            var delay = late.Select(setting => TimeSpan.Parse(setting[DelaySetting.Length..], CultureInfo.InvariantCulture)).LastOrDefault(TimeSpan.FromMilliseconds(50));
            foreach (string[] pair in settings.Except(late).Select(setting => setting.TrimStart('-').Split('=', 2))) builder.UseSetting(pair[0], pair[1]);
            builder.ConfigureTestServices(services =>
            {
                var honest = services.Last(service => service.ServiceType == typeof(IBrokerStore));
                services.Remove(honest);
                services.AddSingleton<IBrokerStore>(provider => new WritingBehind((IBrokerStore)(honest.ImplementationInstance
                    ?? honest.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, honest.ImplementationType!)), delay));
                services.RemoveAll<Microsoft.Extensions.Hosting.IHostLifetime>();
                services.AddSingleton<Microsoft.Extensions.Hosting.IHostLifetime, NoLifetime>();
            });
        }
    }

    private sealed class NoLifetime : Microsoft.Extensions.Hosting.IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    // The journal's thread is the only one that commits and sweeps; here another one follows it.
    private sealed class WritingBehind : IBrokerStore
    {
        private readonly IBrokerStore honest;
        private readonly TimeSpan delay;
        private readonly System.Collections.Concurrent.BlockingCollection<(StoreBatch Batch, long At)> promised = [];

        public WritingBehind(IBrokerStore honest, TimeSpan delay)
        {
            (this.honest, this.delay) = (honest, delay);
            new Thread(Write) { IsBackground = true, Name = "write behind" }.Start();
        }

        public bool IsDurable => honest.IsDurable;

        public Task<StoredState> OpenAsync(Action<string> report, CancellationToken cancellation) => honest.OpenAsync(report, cancellation);

        // An entry lets go of its message once it counts as committed; a copy does not.
        public void Commit(StoreBatch batch) => promised.Add(
            (batch with { Changes = [.. batch.Changes.Select(change => change is EntryQueued entry ? entry with { } : change)] }, Environment.TickCount64));

        public bool Sweep() => false;

        public IReadOnlyList<StoredEntry> ReadEntries(long session, long from, long upTo, int most, int mostBytes) =>
            honest.ReadEntries(session, from, upTo, most, mostBytes);

        public IReadOnlyList<ApplicationMessage?> ReadRetained(IReadOnlyList<long> topics) => honest.ReadRetained(topics);

        public void Dispose() => honest.Dispose();

        private void Write()
        {
            foreach (var (first, at) in promised.GetConsumingEnumerable())
            {
                var rest = delay - TimeSpan.FromMilliseconds(Environment.TickCount64 - at);
                if (rest > TimeSpan.Zero) Thread.Sleep(rest);
                var (number, changes) = (first.Number, first.Changes.ToList());
                while (promised.TryTake(out var next))
                {
                    number = next.Batch.Number;
                    changes.AddRange(next.Batch.Changes);
                }
                honest.Commit(new StoreBatch(number, changes));
            }
        }
    }
}
