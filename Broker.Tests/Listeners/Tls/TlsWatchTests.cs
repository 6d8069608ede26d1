using Broker.Tests.RealClients;
using Broker.Tests.Testing;
using Broker.Web.Configuration;
using Broker.Web.Files;
using Broker.Web.Listeners.Tls;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Listeners.Tls;

/// <summary>The files of TLS are looked at by themselves, and what ends soon is told.</summary>
public sealed class TlsWatchTests : IDisposable
{
    private readonly Certificates files = new();
    private readonly Authority servers = new("Servers");
    private readonly Lines log = new();
    private readonly MovedTime time = new();

    public void Dispose()
    {
        servers.Dispose();
        files.Dispose();
    }

    [Fact]
    public async Task Whatever_one_reader_of_files_fails_on_the_others_look()
    {
        var looked = new TaskCompletionSource();
        using var watch = new FileWatch([new Reader(() => throw new InvalidOperationException("no")), new Reader(() => looked.TrySetResult())], time, NullLogger<FileWatch>.Instance);
        await watch.StartAsync(default);
        await looked.Task.WaitAsync(RunningProgram.Patience);
        watch.ExecuteTask!.IsFaulted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_new_certificate_is_found_within_seconds()
    {
        using var watch = new FileWatch([Watch(untilDay: 100)], time, NullLogger<FileWatch>.Instance);
        var found = log.Next("presents a new certificate");
        await watch.StartAsync(default);
        await Write(untilDay: 200);
        using var deadline = new CancellationTokenSource(RunningProgram.Patience);
        for (; !found.IsCompleted; await Task.Yield())
        {
            deadline.IsCancellationRequested.ShouldBeFalse();
            time.Manual.Advance(TimeSpan.FromSeconds(5));
        }
        await watch.StopAsync(default);
    }

    [Fact]
    public void The_end_of_a_certificate_is_told_from_thirty_days_before_once_a_day()
    {
        var watch = Watch(untilDay: 100);
        watch.Look();
        Told().ShouldBeEmpty();
        time.Manual.Advance(TimeSpan.FromDays(69.5));
        watch.Look();
        Told().ShouldBeEmpty();
        time.Manual.Advance(TimeSpan.FromDays(1));
        watch.Look();
        watch.Look();
        Told().ShouldHaveSingleItem().ShouldContain("The certificate of Mqtt:Listeners:0 ends in 29 days: CN=broker");
        time.Manual.Advance(TimeSpan.FromDays(1));
        watch.Look();
        Told().ShouldHaveSingleItem().ShouldContain("ends in 28 days");
        time.Manual.Advance(TimeSpan.FromDays(30));
        watch.Look();
        Told().ShouldHaveSingleItem().ShouldContain("has expired, and clients refuse it");
    }

    private TlsWatch Watch(int untilDay)
    {
        Write(untilDay).GetAwaiter().GetResult();
        var configuration = new ConfigurationManager();
        configuration["Mqtt:Listeners:0:Url"] = "mqtts://127.0.0.1:0";
        configuration["Mqtt:Listeners:0:Certificate:Path"] = files.PathOf("broker.pem");
        configuration["Storage:Provider"] = "Memory";
        return new TlsWatch(SettingsLoader.Load(configuration, AppContext.BaseDirectory), time, log);
    }

    private async Task Write(int untilDay)
    {
        using var certificate = servers.Issue("CN=broker", Authority.ForServers, toDay: untilDay);
        await File.WriteAllTextAsync(files.PathOf("broker.pem"), Authority.WithKey(certificate));
    }

    private string[] Told() => log.Take();

    /// <summary>The time now, and from there on a clock by hand: certificates are made for now.</summary>
    private sealed class MovedTime : TimeProvider
    {
        private readonly TimeSpan ahead;

        public MovedTime() => ahead = System.GetUtcNow() - Manual.GetUtcNow();

        public ManualTime Manual { get; } = new();

        public override DateTimeOffset GetUtcNow() => Manual.GetUtcNow() + ahead;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Manual.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class Lines : ILogger<TlsWatch>
    {
        private readonly Lock gate = new();
        private readonly List<string> lines = [];
        private (string Part, TaskCompletionSource Found)? awaited;

        public Task Next(string part)
        {
            lock (gate)
            {
                awaited = (part, new TaskCompletionSource());
                return awaited.Value.Found.Task;
            }
        }

        public string[] Take()
        {
            lock (gate)
            {
                string[] taken = [.. lines];
                lines.Clear();
                return taken;
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (gate)
            {
                var line = formatter(state, exception);
                lines.Add(line);
                if (awaited is var (part, found) && line.Contains(part, StringComparison.Ordinal)) found.TrySetResult();
            }
        }
    }

    private sealed class Reader(Action look) : IFileReader
    {
        public void Look() => look();
    }
}
