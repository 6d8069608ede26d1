using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Broker.Web.Listeners.Sockets;

/// <summary>Linux's epoll(7), as much of it as event loops need: descriptors that are watched for changes, and a way to wake who waits.</summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int Add = 1, Interrupted = 4, CloseOnExec = 0x80000, NonBlocking = 0x800;
    private const uint Readable = 1, Writable = 4, Error = 8, HungUp = 16, PeerEnded = 0x2000, Edges = 1u << 31;

    // struct epoll_event { uint32_t events; uint64_t data; }, which only x64 packs.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8, EventSize = DataOffset + 8;

    private readonly SafeFile epoll = new(Checked(EpollCreate(CloseOnExec))), wake = new(Checked(EventFd(0, CloseOnExec | NonBlocking)));

    /// <summary>What happened to a descriptor.</summary>
    /// <param name="Token">What it was watched as.</param>
    /// <param name="CanRead">There are bytes, or an end.</param>
    /// <param name="CanWrite">There is room, or an end.</param>
    /// <param name="IsEnding">The peer sends nothing more, or there was an error.</param>
    public readonly record struct Change(ulong Token, bool CanRead, bool CanWrite, bool IsEnding);

    /// <summary>The token of <see cref="Wake"/>.</summary>
    public const ulong Woken = ulong.MaxValue;

    public Epoll() => Control(wake, Readable | Edges, Woken);

    /// <summary>Whether this system has it.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Tells of every change of a descriptor from now on, and at once of what it is ready for, until it is closed.</summary>
    public void Watch(SafeHandle descriptor, ulong token) => Control(descriptor, Readable | Writable | PeerEnded | Edges, token);

    /// <summary>Ends a wait, from any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Write(wake, &one, sizeof(ulong));
    }

    /// <summary>Waits for changes.</summary>
    /// <param name="changes">Takes them.</param>
    /// <param name="forever">Whether to wait until there is one; else only what is there already counts.</param>
    /// <returns>How many came.</returns>
    public int Wait(Span<Change> changes, bool forever)
    {
        byte* events = stackalloc byte[changes.Length * EventSize];
        int count = EpollWait(epoll, events, changes.Length, forever ? -1 : 0);
        if (count < 0) return Marshal.GetLastPInvokeError() == Interrupted ? 0 : throw new Win32Exception();
        for (int i = 0; i < count; i++)
        {
            var bytes = new ReadOnlySpan<byte>(events + i * EventSize, EventSize);
            uint what = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            ulong token = BinaryPrimitives.ReadUInt64LittleEndian(bytes[DataOffset..]);
            bool ending = (what & (Error | HungUp | PeerEnded)) != 0, broken = (what & (Error | HungUp)) != 0;
            changes[i] = new Change(token, ending || (what & Readable) != 0, broken || (what & Writable) != 0, ending);
        }
        return count;
    }

    public void Dispose()
    {
        wake.Dispose();
        epoll.Dispose();
    }

    private void Control(SafeHandle descriptor, uint what, ulong token)
    {
        Span<byte> change = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(change, what);
        BinaryPrimitives.WriteUInt64LittleEndian(change[DataOffset..], token);
        fixed (byte* bytes = change) Checked(EpollControl(epoll, Add, descriptor, bytes));
    }

    private static int Checked(int result) => result < 0 ? throw new Win32Exception() : result;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(SafeHandle epoll, int operation, SafeHandle descriptor, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(SafeHandle epoll, byte* events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle descriptor, void* bytes, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(nint descriptor);

    private sealed class SafeFile : SafeHandle
    {
        public SafeFile(int descriptor) : base(-1, ownsHandle: true) => SetHandle(descriptor);

        public override bool IsInvalid => handle < 0;

        protected override bool ReleaseHandle() => CloseDescriptor(handle) == 0;
    }
}
