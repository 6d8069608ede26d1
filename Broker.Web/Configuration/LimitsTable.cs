using Broker.Core;
using Broker.Core.Access;
using Broker.Core.Connections;
using Broker.Core.Protocol;
using Broker.Core.Sessions;
using Broker.Web.Listeners;
using Broker.Web.Metrics;
using Broker.Web.Persistence.History;
using Broker.Web.Security;
using L = Broker.Core.Sessions.Limits;

namespace Broker.Web.Configuration;

/// <summary>Every key below <c>Mqtt:Limits</c>, <c>Mqtt:Access</c>, <c>Mqtt:Redirect</c>, <c>Mqtt:Sys</c> and <c>Mqtt:Transport</c>, the numbers below <c>Storage</c>, <c>Storage:History</c>, <c>Admin</c> and <c>Metrics</c>, with its bounds: one row a property.</summary>
internal static class LimitsTable
{
    private const int LargestPacket = 268_435_460; // MQTT 5, 2.1.4: Remaining Length at most 268,435,455, and five bytes of fixed header.

    public static readonly IReadOnlyList<Setting<L>> Limits =
    [
        Setting<L>.Bytes(nameof(L.MaximumPacketSize), 20, LargestPacket, (l, v) => l.MaximumPacketSize = (int)v),
        Setting<L>.Bytes(nameof(L.MaximumConnectPacketSize), 20, LargestPacket, (l, v) => l.MaximumConnectPacketSize = (int)v),
        Setting<L>.Whole(nameof(L.ReceiveMaximum), 1, 65_535, (l, v) => l.ReceiveMaximum = (int)v),
        Setting<L>.Whole(nameof(L.SendMaximum), 1, 65_535, (l, v) => l.SendMaximum = (int)v),
        Setting<L>.Whole(nameof(L.QueueMessages), 0, int.MaxValue, (l, v) => l.QueueMessages = (int)v),
        Setting<L>.Bytes(nameof(L.QueueBytes), 0, 1L << 50, (l, v) => l.QueueBytes = v),
        Setting<L>.Bytes(nameof(L.QueueMemoryBytes), 1_024, 1L << 30, (l, v) => l.QueueMemoryBytes = v),
        Setting<L>.Choice<QueueFull>(nameof(L.QueueFull), (l, v) => l.QueueFull = v),
        Setting<L>.Whole(nameof(L.Sessions), 1, int.MaxValue, (l, v) => l.Sessions = (int)v),
        Setting<L>.Whole(nameof(L.TransientQueueMessages), 0, int.MaxValue, (l, v) => l.TransientQueueMessages = (int)v),
        Setting<L>.Bytes(nameof(L.TransientQueueBytes), 0, 1L << 50, (l, v) => l.TransientQueueBytes = v),
        Setting<L>.Bytes(nameof(L.TopicBytes), 1, 65_535, (l, v) => l.TopicBytes = (int)v),
        Setting<L>.Whole(nameof(L.TopicLevels), 1, 65_535, (l, v) => l.TopicLevels = (int)v),
        Setting<L>.Whole(nameof(L.Subscriptions), 1, 10_000_000, (l, v) => l.Subscriptions = (int)v),
        Setting<L>.Whole(nameof(L.TopicAliasMaximum), 0, 65_535, (l, v) => l.TopicAliasMaximum = (int)v),
        Setting<L>.Time(nameof(L.ConnectTimeout), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), (l, v) => l.ConnectTimeout = v),
        Setting<L>.Whole(nameof(L.PendingConnections), 1, 1_000_000, (l, v) => l.PendingConnections = (int)v),
        Setting<L>.Time(nameof(L.SessionExpiry), TimeSpan.Zero, TimeSpan.FromDays(49_710), (l, v) => l.SessionExpiry = v),
        Setting<L>.Whole(nameof(L.KeepAlive), 0, 65_535, (l, v) => l.KeepAlive = (int)v),
        Setting<L>.Whole(nameof(L.RetainedMessages), 0, int.MaxValue, (l, v) => l.RetainedMessages = (int)v),
        Setting<L>.Bytes(nameof(L.OutboxBytes), 4_096, 1 << 30, (l, v) => l.OutboxBytes = (int)v),
        Setting<L>.Bytes(nameof(L.HeldBytes), 1_024, 1L << 50, (l, v) => l.HeldBytes = v),
        Setting<L>.Time(nameof(L.OutboxStall), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), (l, v) => l.OutboxStall = v),
        Setting<L>.Whole(nameof(L.MaximumQoS), 0, 2, (l, v) => l.MaximumQoS = (QualityOfService)v),
        Setting<L>.Flag(nameof(L.RetainAvailable), (l, v) => l.RetainAvailable = v),
        Setting<L>.Flag(nameof(L.WildcardSubscriptionAvailable), (l, v) => l.WildcardSubscriptionAvailable = v),
        Setting<L>.Flag(nameof(L.SubscriptionIdentifierAvailable), (l, v) => l.SubscriptionIdentifierAvailable = v),
        Setting<L>.Flag(nameof(L.SharedSubscriptionAvailable), (l, v) => l.SharedSubscriptionAvailable = v),
        Setting<L>.Text(nameof(L.ResponseInformation), 1_024, (l, v) => l.ResponseInformation = v),
        Setting<L>.Flag(nameof(L.ValidatePayloadFormat), (l, v) => l.ValidatePayloadFormat = v),
    ];

    public static readonly IReadOnlyList<Setting<Redirect>> Redirect =
    [
        Setting<Redirect>.Text(nameof(Core.Connections.Redirect.ServerReference), 1_024, (r, v) => r.ServerReference = v),
        Setting<Redirect>.Flag(nameof(Core.Connections.Redirect.Moved), (r, v) => r.Moved = v),
    ];

    public static readonly IReadOnlyList<Setting<AccessOptions>> Access =
    [
        Setting<AccessOptions>.Choice<DefaultAccess>(nameof(AccessOptions.Default), (a, v) => a.Default = v),
        Setting<AccessOptions>.Choice<RefusedPublish>(nameof(AccessOptions.RefusedPublish), (a, v) => a.RefusedPublish = v),
    ];

    public static readonly IReadOnlyList<Setting<SysOptions>> Sys =
    [
        Setting<SysOptions>.Time(nameof(SysOptions.Interval), TimeSpan.Zero, TimeSpan.FromDays(1), (s, v) => s.Interval = v),
    ];

    public static readonly IReadOnlyList<Setting<TransportOptions>> Transport =
    [
        Setting<TransportOptions>.Whole(nameof(TransportOptions.EventLoops), 0, 1_024, (t, v) => t.EventLoops = (int)v),
    ];

    public static readonly IReadOnlyList<Setting<StorageOptions>> Storage =
    [
        Setting<StorageOptions>.Bytes(nameof(StorageOptions.PendingBytes), 1 << 20, 1L << 40, (s, v) => s.PendingBytes = v),
        Setting<StorageOptions>.Bytes(nameof(StorageOptions.RetainedCacheBytes), 0, 1L << 50, (s, v) => s.RetainedCacheBytes = v),
        Setting<StorageOptions>.Bytes(nameof(StorageOptions.FreeDiskBytes), 0, 1L << 50, (s, v) => s.FreeDiskBytes = v),
    ];

    public static readonly IReadOnlyList<Setting<HistoryOptions>> History =
    [
        Setting<HistoryOptions>.Flag(nameof(HistoryOptions.Enabled), (h, v) => h.Enabled = v),
        Setting<HistoryOptions>.Whole(nameof(HistoryOptions.Events), 1_000, 100_000_000, (h, v) => h.Events = (int)v),
        Setting<HistoryOptions>.Time(nameof(HistoryOptions.EventAge), TimeSpan.FromHours(1), TimeSpan.FromDays(3_650), (h, v) => h.EventAge = v),
        Setting<HistoryOptions>.Whole(nameof(HistoryOptions.Clients), 1_000, 100_000_000, (h, v) => h.Clients = (int)v),
    ];

    public static readonly IReadOnlyList<Setting<MetricsOptions>> Metrics =
    [
        Setting<MetricsOptions>.Text(nameof(MetricsOptions.OtlpEndpoint), 1_024, (m, v) => m.OtlpEndpoint = v),
        Setting<MetricsOptions>.Choice<OtlpProtocol>(nameof(MetricsOptions.OtlpProtocol), (m, v) => m.OtlpProtocol = v),
        Setting<MetricsOptions>.Time(nameof(MetricsOptions.OtlpInterval), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), (m, v) => m.OtlpInterval = v),
    ];

    public static readonly IReadOnlyList<Setting<AdminOptions>> Admin =
    [
        Setting<AdminOptions>.Text(nameof(AdminOptions.Password), 1_024, (a, v) => a.Password = v),
        Setting<AdminOptions>.Text(nameof(AdminOptions.PasswordFile), 4_096, (a, v) => a.PasswordFile = v),
        Setting<AdminOptions>.Flag(nameof(AdminOptions.AllowPlainHttp), (a, v) => a.AllowPlainHttp = v),
        Setting<AdminOptions>.Flag(nameof(AdminOptions.ViewersSeePayloads), (a, v) => a.ViewersSeePayloads = v),
        Setting<AdminOptions>.Time(nameof(AdminOptions.SessionIdle), TimeSpan.FromMinutes(1), TimeSpan.FromDays(365), (a, v) => a.SessionIdle = v),
        Setting<AdminOptions>.Whole(nameof(AdminOptions.AuditRows), 1_000, 100_000_000, (a, v) => a.AuditRows = (int)v),
        Setting<AdminOptions>.Time(nameof(AdminOptions.AuditAge), TimeSpan.FromDays(1), TimeSpan.FromDays(36_500), (a, v) => a.AuditAge = v),
    ];
}
