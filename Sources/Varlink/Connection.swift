import Glibc
import Platform

/// One client of a server.
///
/// Thread-bound to the server's loop.
/// One call is in flight; while it lasts nothing is read, so that what a client pipelines waits in the
/// kernel. Received bytes live in secure memory and are gone once their message was handled.
final class Connection {
    private static let idleBufferSize = 8192

    private unowned let server: VarlinkServer
    private let socket: OwnedDescriptor
    private let peer: PeerCredentials?
    private var watch: EventLoop.Watch?
    private var received = SecureBytes(count: Connection.idleBufferSize, holding: .messages)
    private var receivedCount = 0
    private var scannedCount = 0
    private var outgoing: [UInt8] = []
    /// Held by whoever answers it.
    private weak var call: Call?
    private var isAnswering = false
    private var deadline: EventLoop.Timer?
    private var isWaitingForRoom = false
    private var isHandling = false
    private var closesAfterReply = false

    init(server: VarlinkServer, socket: consuming OwnedDescriptor) throws(Errno) {
        self.server = server
        self.peer = UnixSocket.peer(of: socket)
        self.socket = socket
        self.watch = try server.loop.watch(self.socket, for: [.readable, .peerClosed]) { [unowned self] ready in
            self.serve(ready)
        }
    }

    func close() {
        guard let watch else { return }
        self.watch = nil
        server.loop.unwatch(watch)
        if let deadline { server.loop.cancel(deadline) }
        call?.hangUp()
        let surplus = received.count - Self.idleBufferSize
        received = SecureBytes(count: 0, holding: .messages)
        server.forget(self, surplus: max(surplus, 0))
    }

    /// The next call may come: the one before is answered and its answer is on its way.
    private var isFree: Bool { watch != nil && !isAnswering && !closesAfterReply && outgoing.isEmpty }

    private func serve(_ ready: EventLoop.Interest) {
        if ready.contains(.writable) {
            flush()
            if isFree { handleMessages() }
        }
        if isFree, !isWaitingForRoom {
            // What came before the end of the stream is still served, a oneway call for one.
            receive()
        } else if !ready.isDisjoint(with: [.hungUp, .peerClosed]) {
            close()
        }
    }

    // MARK: Receiving

    private func receive() {
        guard makeRoom() else { return updateInterest() }
        let count = received.withMutableBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { bytes in
                socket.withRaw { raw in
                    unsafe read(raw, bytes.baseAddress.map { unsafe $0 + receivedCount }, bytes.count - receivedCount)
                }
            }
        }
        if count == 0 || (count < 0 && ![EAGAIN, EINTR].contains(errno)) { return close() }
        receivedCount += max(count, 0)
        handleMessages()
    }

    /// Doubles a full buffer, within the message limit and what the server has left.
    private func makeRoom() -> Bool {
        guard receivedCount == received.count else { return true }
        let size = min(received.count * 2, server.limits.messageSize + 1)
        guard server.reserve(size - received.count) else {
            isWaitingForRoom = true
            return false
        }
        isWaitingForRoom = false
        resize(to: size)
        return true
    }

    private func resize(to size: Int) {
        var larger = SecureBytes(count: size, holding: .messages)
        let count = receivedCount
        received.withBytes { source in
            larger.withMutableBytes { target in
                unsafe source.withUnsafeBytes { source in
                    unsafe target.withUnsafeMutableBytes { target in
                        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
                    }
                }
            }
        }
        received = larger
    }

    private func handleMessages() {
        isHandling = true
        while isFree, let end = endOfMessage() { handleMessage(endingAt: end) }
        isHandling = false
        guard watch != nil else { return }
        if receivedCount > server.limits.messageSize {
            return refuse(.messageTooLong(limit: server.limits.messageSize))
        }
        watchForStall()
        updateInterest()
    }

    private func endOfMessage() -> Int? {
        let range = scannedCount..<receivedCount
        scannedCount = receivedCount
        return received.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in unsafe bytes[range].firstIndex(of: 0) }
        }
    }

    private func handleMessage(endingAt end: Int) {
        var message: ScannedMessage?
        var fault: WireFault?
        received.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                let text = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<end])
                do throws(WireFault) {
                    message = try unsafe MessageScanner.scan(
                        text.bytes, secretPath: server.secretPath, longestText: server.limits.textSize)
                } catch { fault = error }
            }
        }
        discard(end + 1)
        if let fault { return refuse(fault) }
        guard let message, let method = message.method else {
            return refuse(.malformed(detail: "it names no method"))
        }
        let call = Call(message, method: method, peer: peer, connection: self)
        self.call = call
        isAnswering = true
        server.dispatch(call)
    }

    /// Forgets the first `count` bytes, zeroes what they leave behind, and shrinks an empty buffer.
    private func discard(_ count: Int) {
        let rest = receivedCount - count
        received.withMutableBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                unsafe memmove(start, start + count, rest)
                unsafe memset(start + rest, 0, count)
            }
        }
        receivedCount = rest
        scannedCount = 0
        guard rest <= Self.idleBufferSize, received.count > Self.idleBufferSize else { return }
        let surplus = received.count - Self.idleBufferSize
        resize(to: Self.idleBufferSize)
        server.release(surplus)
    }

    /// Answers what can be answered, then closes: after a malformed message nothing else can be trusted.
    private func refuse(_ fault: WireFault) {
        let parameter =
            switch fault {
            case .badSecret(let name): name
            case .textTooLong: "parameters"
            case .messageTooLong, .malformed, .repeated: "message"
            }
        closesAfterReply = true
        let error =
            "{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":\"\(parameter)\"}}"
        send(Array(error.utf8) + [0])
        updateInterest()
    }

    /// Drops a client that leaves a message half sent or its answers unread.
    private func watchForStall() {
        let isStalled = !outgoing.isEmpty || (receivedCount > 0 && !isAnswering)
        if !isStalled, let deadline {
            server.loop.cancel(deadline)
            self.deadline = nil
        } else if isStalled, deadline == nil {
            deadline = server.loop.schedule(at: .now() + server.limits.messageTime) { [weak self] in self?.close() }
        }
    }

    /// Called when another connection gave room back.
    func resumeReceiving() {
        if isWaitingForRoom, watch != nil { receive() }
    }

    // MARK: Sending

    func send(_ message: [UInt8]) {
        guard watch != nil else { return }
        guard outgoing.count + message.count <= server.limits.outputSize else { return close() }
        outgoing += message
        flush()
    }

    /// Goes on with what the client has sent meanwhile, but never from inside the handler of another call.
    func callEnded() {
        call = nil
        isAnswering = false
        guard !isHandling else { return }
        server.loop.schedule(at: .now()) { [weak self] in
            if let self, isFree { handleMessages() }
        }
    }

    private func flush() {
        while !outgoing.isEmpty {
            let count = socket.withRaw { raw in
                unsafe outgoing.withUnsafeBytes {
                    unsafe Glibc.send(raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            if count < 0 { return close() }
            outgoing.removeFirst(count)
        }
        if closesAfterReply, outgoing.isEmpty { return close() }
        watchForStall()
        updateInterest()
    }

    private func updateInterest() {
        guard let watch else { return }
        var interest: EventLoop.Interest = .peerClosed
        if isFree, !isWaitingForRoom { interest.insert(.readable) }
        if !outgoing.isEmpty { interest.insert(.writable) }
        do throws(Errno) { try server.loop.change(watch, to: interest) } catch { close() }
    }
}
