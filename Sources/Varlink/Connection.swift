import Glibc
import Platform
import Synchronization

/// One client of a server.
///
/// Thread-bound to the server's loop.
/// One call is in flight; while it lasts nothing is read, so that what a client pipelines waits in the
/// kernel. In each turn of the loop at most one chunk is read and one message handled. Received bytes live in secure
/// memory and are gone once their message was handled.
final class Connection {
    private static let smallBufferSize = 8192

    private static let count = Atomic<UInt64>(0)

    let number = Connection.count.add(1, ordering: .relaxed).newValue
    private unowned let server: VarlinkServer
    private let socket: OwnedDescriptor
    private let peer: PeerCredentials?
    private var watch: EventLoop.Watch?
    /// `nil` until something comes.
    private var received: ReceiveBuffer?
    private var scannedCount = 0
    private var outgoing: [UInt8] = []
    /// Held by whoever answers it.
    private weak var call: Call?
    private var isAnswering = false
    /// By when a message must be there, or its answers taken; over once the loop's clock said so.
    private var deadline: (timer: EventLoop.Timer, isOver: Bool)?
    private var isWaitingForRoom = false
    private var isPostponed = false
    private var closesAfterReply = false
    private var interest: EventLoop.Interest = .readable
    /// Since when it has nothing but its place: when it was accepted, or when its last call ended.
    private(set) var idleSince: Timestamp
    let acceptedAt: Timestamp

    init(server: VarlinkServer, socket: consuming OwnedDescriptor) throws(Errno) {
        self.server = server
        self.peer = UnixSocket.peer(of: socket)
        self.socket = socket
        self.acceptedAt = server.loop.now()
        self.idleSince = acceptedAt
        self.watch = try server.loop.watch(self.socket, for: interest, as: .patient) { [unowned self] ready in
            self.serve(ready)
        }
    }

    func close() {
        guard let watch else { return }
        self.watch = nil
        server.loop.unwatch(watch)
        endDeadline()
        call?.hangUp()
        received?.discard(receivedCount)
        received = nil
        server.forget(self)
    }

    /// The process at the other end; 0 when the kernel does not tell.
    var process: Int32 { peer?.process ?? 0 }

    var isInCall: Bool { isAnswering }

    /// The next call may come: the one before is answered and its answer is on its way.
    private var isFree: Bool { watch != nil && !isAnswering && !closesAfterReply && outgoing.isEmpty }

    private var mayReceive: Bool { isFree && !isWaitingForRoom && !isPostponed }

    private func serve(_ ready: EventLoop.Interest) {
        if ready.contains(.writable) { flush() }
        if mayReceive {
            // What came before the end of the stream is still served, a oneway call for one.
            receive()
        } else if !isPostponed, !ready.isDisjoint(with: .hungUp) {
            // Who only stops writing has not left, and reads the answer.
            close()
        }
    }

    // MARK: Receiving

    private var receivedCount: Int { received?.count ?? 0 }

    private func receive() {
        let buffer = received ?? ReceiveBuffer(capacity: Self.smallBufferSize)
        received = buffer
        if buffer.isFull {
            isWaitingForRoom = true
            // Others take their time with what it waits for.
            watchForStall()
            server.seekRoom(for: self)
            return updateInterest()
        }
        let count = buffer.receive(from: socket)
        if count == 0 || (count < 0 && ![EAGAIN, EINTR].contains(errno)) { return close() }
        handleNext()
    }

    /// Goes on in a buffer for a large message, which is given back when the message is handled.
    func takeRoom(_ buffer: ReceiveBuffer) {
        received?.move(to: buffer)
        received = buffer
        isWaitingForRoom = false
        watchForStall()
        updateInterest()
    }

    private func handleNext() {
        if isFree {
            if let end = endOfMessage() {
                handleMessage(endingAt: end)
                postponeNext()
            } else if receivedCount > server.limits.messageSize {
                return refuse(.messageTooLong(limit: server.limits.messageSize))
            }
        }
        guard watch != nil else { return }
        watchForStall()
        updateInterest()
    }

    /// Whatever else has come already waits for its turn, behind the other clients.
    private func postponeNext() {
        guard isFree, receivedCount > 0, !isPostponed else { return }
        isPostponed = true
        server.loop.postpone { [weak self] in
            guard let self, watch != nil else { return }
            isPostponed = false
            handleNext()
        }
    }

    private func endOfMessage() -> Int? {
        let start = scannedCount
        scannedCount = receivedCount
        return received?.endOfMessage(from: start)
    }

    private func handleMessage(endingAt end: Int) {
        var message: ScannedMessage?
        var fault: WireFault?
        received?.withBytes(upTo: end) { text in
            do throws(WireFault) {
                message = try MessageScanner.scan(
                    text, secretPath: server.secretPath, longestText: server.limits.textSize)
            } catch { fault = error }
        }
        discard(end + 1)
        // The next one has its own time.
        endDeadline()
        if let fault { return refuse(fault) }
        guard let message, let method = message.method else {
            return refuse(.malformed(detail: "it names no method"))
        }
        let call = Call(message, method: method, connection: self)
        self.call = call
        isAnswering = true
        server.dispatch(call)
    }

    private func discard(_ count: Int) {
        scannedCount = 0
        guard let buffer = received else { return }
        buffer.discard(count)
        guard buffer.capacity > Self.smallBufferSize, buffer.count <= Self.smallBufferSize else { return }
        let small = ReceiveBuffer(capacity: Self.smallBufferSize)
        buffer.move(to: small)
        received = small
        server.giveRoomBack(of: self)
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
        let isStalled = !outgoing.isEmpty || (receivedCount > 0 && !isAnswering && !isWaitingForRoom)
        if !isStalled {
            endDeadline()
        } else if deadline == nil {
            let timer = server.loop.schedule(at: server.loop.now() + server.limits.messageTime) { [weak self] in
                self?.deadline?.isOver = true
                self?.server.loop.postpone { [weak self] in self?.dropWhenLate() }
            }
            deadline = (timer, false)
        }
    }

    private func endDeadline() {
        if let deadline { server.loop.cancel(deadline.timer) }
        deadline = nil
    }

    private func dropWhenLate() {
        guard deadline?.isOver ?? false else { return }
        catchUp()
        if deadline?.isOver ?? false { close() }
    }

    /// Serves what has come, or can go: it may have been so for long, while others had the loop.
    func catchUp() { mayReceive ? receive() : flush() }

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
        idleSince = server.loop.now()
        postponeNext()
        updateInterest()
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
        postponeNext()
        watchForStall()
        updateInterest()
    }

    private func updateInterest() {
        guard let watch else { return }
        var wanted: EventLoop.Interest = mayReceive ? .readable : []
        if !outgoing.isEmpty { wanted.insert(.writable) }
        if wanted == interest { return }
        interest = wanted
        do throws(Errno) { try server.loop.change(watch, to: wanted) } catch { close() }
    }
}
