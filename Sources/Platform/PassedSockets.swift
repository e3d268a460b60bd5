import Glibc

/// Listening sockets that the service manager opened for this process (sd_listen_fds(3)).
///
/// Dropping the value closes those that nobody took.
package struct PassedSockets: ~Copyable {
    private static let most = 16

    private var rest: [(name: String, descriptor: CInt)]

    /// Takes `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`; empty unless they are for `process`.
    ///
    /// The manager passes descriptors from 3 upwards.
    package init(process: Int32, listenProcess: String?, count: String?, names: String?, from first: CInt = 3) {
        rest = []
        guard listenProcess == String(process), let count = count.flatMap({ Int($0) }), (1...Self.most).contains(count)
        else { return }
        let names = (names ?? "").split(separator: ":", omittingEmptySubsequences: false)
        for place in 0..<count {
            let name = place < names.count ? String(names[place]) : ""
            rest.append((name, first + CInt(place)))
        }
    }

    deinit { for (_, descriptor) in rest { _ = close(descriptor) } }

    /// Gives away the socket of that name, as a descriptor that does not block; `nil` when none was passed.
    ///
    /// Throws `EINVAL` for a descriptor that is no listening AF_UNIX stream socket.
    package mutating func take(_ name: String) throws(Errno) -> OwnedDescriptor? {
        guard let place = rest.firstIndex(where: { $0.name == name }) else { return nil }
        let raw = rest.remove(at: place).descriptor
        let expected = [
            (SO_DOMAIN, AF_UNIX), (SO_TYPE, CInt(SOCK_STREAM.rawValue)), (SO_ACCEPTCONN, 1),
        ]
        // Until this is known the descriptor may be anyone's.
        for (option, value) in expected where try Self.option(option, of: raw) != value { throw Errno(EINVAL) }
        let socket = OwnedDescriptor(taking: raw)
        try retrying { fcntl(raw, F_SETFD, FD_CLOEXEC) }
        try retrying { fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK) }
        return socket
    }

    private static func option(_ name: CInt, of descriptor: CInt) throws(Errno) -> CInt {
        var (value, size): (CInt, socklen_t) = (0, socklen_t(MemoryLayout<CInt>.size))
        do throws(Errno) {
            try retrying { unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) }
        } catch {
            throw Errno(EINVAL)
        }
        return value
    }
}
