import CLinux
import Glibc

/// Stream sockets of the AF_UNIX family, the only family that this project opens.
package enum UnixSocket {
    /// Listens at `path`, readable and writable as `mode` says; replaces a socket at which nobody listens any more.
    package static func listen(at path: String, mode: UInt32) throws(Errno) -> OwnedDescriptor {
        if isSocket(path) { try removeUnlessServed(path) }
        let socket = try make(flags: CInt(SOCK_NONBLOCK.rawValue))
        try unsafe withAddress(path) { address, size throws(Errno) in
            try socket.withRaw { raw throws(Errno) in _ = try retrying { unsafe bind(raw, address, size) } }
        }
        // Before `listen` nobody can connect. The umask would be the whole process's, threads and children included.
        try retrying { unsafe chmod(path, mode) }
        try socket.withRaw { raw throws(Errno) in _ = try retrying { Glibc.listen(raw, 16) } }
        return socket
    }

    /// Connects, waiting at most `timeout` for a place in the listener's queue (`EAGAIN`); the descriptor blocks.
    package static func connect(to path: String, within timeout: Duration = .seconds(5)) throws(Errno)
        -> OwnedDescriptor
    {
        let socket = try make(flags: 0)
        try limitWaiting(of: socket, to: timeout)
        try unsafe withAddress(path) { address, size throws(Errno) in
            try socket.withRaw { raw throws(Errno) in _ = try retrying { unsafe Glibc.connect(raw, address, size) } }
        }
        return socket
    }

    /// Takes one waiting client, as a descriptor that does not block; `nil` when none waits.
    package static func accept(from listener: borrowing OwnedDescriptor) throws(Errno) -> OwnedDescriptor? {
        do throws(Errno) {
            let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            return OwnedDescriptor(
                taking: try listener.withRaw { raw throws(Errno) in
                    try retrying { clx_accept(raw, flags) }
                })
        } catch {
            // A client that gave up while waiting is no failure of ours.
            if [EAGAIN, ECONNABORTED].contains(error.code) { return nil }
            throw error
        }
    }

    /// Who is at the other end, as the kernel knows it.
    package static func peer(of socket: borrowing OwnedDescriptor) -> PeerCredentials? {
        var (process, user, group): (Int32, UInt32, UInt32) = (0, 0, 0)
        let status = socket.withRaw { unsafe clx_peer_credentials($0, &process, &user, &group) }
        return status == 0 ? PeerCredentials(process: process, user: user, group: group) : nil
    }

    private static func make(flags: CInt) throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(
            taking: try retrying { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue) | flags, 0) })
    }

    private static func removeUnlessServed(_ path: String) throws(Errno) {
        do throws(Errno) { _ = try connect(to: path, within: .seconds(1)) } catch {
            guard error.code == ECONNREFUSED else { throw error }
            _ = try retrying { unsafe unlink(path) }
            return
        }
        throw Errno(EADDRINUSE)
    }

    private static func limitWaiting(of socket: borrowing OwnedDescriptor, to timeout: Duration) throws(Errno) {
        // Zero would mean for ever.
        let microseconds = max(timeout.nanoseconds / 1000, 1)
        var limit = timeval(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        try socket.withRaw { raw throws(Errno) in
            _ = try retrying { unsafe setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &limit, size) }
        }
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> Void
    ) throws(Errno) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Errno(ENAMETOOLONG) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        var failure: Errno?
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                do throws(Errno) {
                    unsafe try body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }
}

/// The process at the other end of a socket.
package struct PeerCredentials: Hashable, Sendable {
    package let process: Int32
    package let user: UInt32
    package let group: UInt32
}
