import Glibc

/// Tells the service manager about this process, by datagrams (sd_notify(3)).
///
/// Never waits: what a full queue refuses is lost, and the manager then acts as if nothing had been said.
package struct ServiceManager: ~Copyable, Sendable {
    /// What can be told.
    package enum Message: Hashable, Sendable {
        case ready
        case reloading(at: Timestamp)
        case stopping
        case status(String)
        case alive

        var text: String {
            switch self {
            case .ready: "READY=1"
            case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time.nanoseconds / 1000)"
            case .stopping: "STOPPING=1"
            case .status(let line): "STATUS=" + line.map { $0.isNewline ? " " : String($0) }.joined()
            case .alive: "WATCHDOG=1"
            }
        }
    }

    private let socket: OwnedDescriptor
    /// What the family and the bytes of the path make.
    private let address: sockaddr_un
    private let addressSize: socklen_t

    /// `path` is that of `NOTIFY_SOCKET`: absolute, or with `@` before the name of an abstract socket.
    package init(notifying path: String) throws(Errno) {
        let bytes = Array(path.utf8)
        var address = sockaddr_un()
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count > 1, bytes.count < room, let first = bytes.first, "/@".utf8.contains(first) else {
            throw Errno(EINVAL)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let isAbstract = first == UInt8(ascii: "@")
        if isAbstract { address.sun_path.0 = 0 }
        let socket = OwnedDescriptor(
            taking: try retrying { Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) })
        self.socket = socket
        self.address = address
        // An abstract name ends with the address, a path with a zero byte.
        self.addressSize = socklen_t(MemoryLayout<sockaddr_un>.size - room + bytes.count + (isAbstract ? 0 : 1))
    }

    /// Sends `messages` as one datagram.
    package func tell(_ messages: Message...) {
        let text = Array(messages.map(\.text).joined(separator: "\n").utf8)
        let flags = CInt(MSG_NOSIGNAL | MSG_DONTWAIT)
        socket.withRaw { raw in
            unsafe withUnsafePointer(to: address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    _ = unsafe sendto(raw, text, text.count, flags, address, addressSize)
                }
            }
        }
    }
}

/// Decides when the service manager's watchdog is fed.
///
/// An idle device lives as long as its loop asks. While work is under way, its count must have grown since the last
/// time: slow work is fed, work that hangs is not.
package struct Watchdog: Hashable, Sendable {
    /// How often to ask.
    package let interval: Duration
    private var lastProgress: Int?

    /// Takes `WATCHDOG_USEC` and `WATCHDOG_PID`; `nil` unless the manager watches `process`.
    package init?(microseconds: String?, watched: String?, process: Int32) {
        guard let text = microseconds, let count = Int64(text), (1...86_400_000_000).contains(count),
            watched == nil || watched == String(process)
        else { return nil }
        self.interval = .microseconds(count) / 2
    }

    /// Whether to feed; `progress` is the count of the work's steps, or `nil` when there is no work.
    package mutating func isAlive(progress: Int?) -> Bool {
        defer { lastProgress = progress }
        return progress == nil || progress != lastProgress
    }
}
