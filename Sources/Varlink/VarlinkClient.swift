import Glibc
package import Platform

/// Why a call got no answer.
package enum ClientFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody serves the socket.
    case noService(path: String)
    case permissionDenied(path: String)
    case closed
    case timedOut
    case wire(WireFault)
    case system(Errno)

    package var description: String {
        switch self {
        case .noService(let path): "No service answers at \(path)."
        case .permissionDenied(let path): "This user may not use \(path)."
        case .closed: "The service closed the connection."
        case .timedOut: "The service did not answer in time."
        case .wire(let fault): fault.description
        case .system(let errno): "The connection failed: \(errno)."
        }
    }
}

/// One answer: parameters, or an error's name with its parameters.
package struct Reply: Sendable {
    package let error: String?
    /// JSON text of an object.
    package let parameters: [UInt8]
    package let continues: Bool
}

/// A blocking client with a timeout on every wait.
///
/// Thread-bound. Dropping it closes the connection, which cancels a call that is in flight.
package struct VarlinkClient: ~Copyable {
    private static let longestReply = 1 << 20

    private let socket: OwnedDescriptor
    private var received: [UInt8] = []

    package init(connecting path: String, within timeout: Duration = .seconds(5)) throws(ClientFault) {
        do throws(Errno) {
            self.socket = try UnixSocket.connect(to: path, within: timeout)
        } catch {
            switch error.code {
            case EAGAIN: throw .timedOut
            case ENOENT, ECONNREFUSED: throw .noService(path: path)
            case EACCES, EPERM: throw .permissionDenied(path: path)
            default: throw .system(error)
            }
        }
    }

    /// Calls `method` with parameters that hold no secret.
    package mutating func send(
        _ method: String, _ parameters: String = "{}", more: Bool = false, within timeout: Duration
    ) throws(ClientFault) {
        let flag = more ? ",\"more\":true" : ""
        let message = Array("{\"method\":\"\(method)\",\"parameters\":\(parameters)\(flag)}".utf8) + [0]
        try sendAll(unsafe message.span.bytes, within: timeout)
    }

    /// Sends a whole message, NUL included, that may hold a secret.
    package mutating func send(message: borrowing SecureBytes, within timeout: Duration) throws(ClientFault) {
        try message.withBytes { bytes throws(ClientFault) in try sendAll(bytes, within: timeout) }
    }

    /// Waits for the next answer.
    package mutating func receive(within timeout: Duration) throws(ClientFault) -> Reply {
        let deadline = Timestamp.now() + timeout
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = Array(received[..<end])
                received.removeFirst(end + 1)
                return try Self.parse(message)
            }
            guard received.count < Self.longestReply else { throw .wire(.messageTooLong(limit: Self.longestReply)) }
            try waitFor(POLLIN, until: deadline)
            try readSome()
        }
    }

    private static func parse(_ message: [UInt8]) throws(ClientFault) -> Reply {
        do throws(WireFault) {
            let scanned = try unsafe MessageScanner.scan(message.span.bytes, secretPath: nil)
            return Reply(error: scanned.error, parameters: scanned.parameters, continues: scanned.continues)
        } catch { throw .wire(error) }
    }

    private mutating func readSome() throws(ClientFault) {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = socket.withRaw { raw in
            unsafe chunk.withUnsafeMutableBytes { unsafe read(raw, $0.baseAddress, $0.count) }
        }
        if count < 0, errno != EINTR { throw errno == ECONNRESET ? .closed : .system(.current) }
        if count == 0 { throw .closed }
        received += chunk.prefix(max(count, 0))
    }

    private func sendAll(_ bytes: RawSpan, within timeout: Duration) throws(ClientFault) {
        let deadline = Timestamp.now() + timeout
        var sent = 0
        while sent < bytes.byteCount {
            try waitFor(POLLOUT, until: deadline)
            let count = socket.withRaw { raw in
                unsafe bytes.withUnsafeBytes { bytes in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                    return unsafe Glibc.send(
                        raw, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
            }
            if count < 0, ![EINTR, EAGAIN].contains(errno) { throw errno == EPIPE ? .closed : .system(.current) }
            sent += max(count, 0)
        }
    }

    private func waitFor(_ event: Int32, until deadline: Timestamp) throws(ClientFault) {
        let remaining = (deadline - Timestamp.now()).milliseconds
        guard remaining >= 0 else { throw .timedOut }
        let count = socket.withRaw { raw in
            var entry = pollfd(fd: raw, events: Int16(event), revents: 0)
            return unsafe poll(&entry, 1, CInt(clamping: remaining + 1))
        }
        if count < 0, errno != EINTR { throw .system(.current) }
        if count == 0 { throw .timedOut }
    }
}
