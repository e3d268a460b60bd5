import Glibc
import Platform
import Varlink

/// Sends bytes to a server on the same loop, reads what comes back, and ends the loop when the server has left.
final class HostileClient {
    private let loop: EventLoop
    private let socket: OwnedDescriptor
    private var watch: EventLoop.Watch?
    private var patience: EventLoop.Timer?
    /// Whether the server has a call of it that nobody answers.
    private let isHeld: () -> Bool
    private var rest: ArraySlice<UInt8>
    private let chunk: Int
    private var received: [UInt8] = []

    init(
        path: String, sends bytes: [UInt8], chunk: Int, on loop: EventLoop, isHeld: @escaping () -> Bool
    ) throws(Errno) {
        self.loop = loop
        self.isHeld = isHeld
        self.socket = try UnixSocket.connect(to: path)
        self.rest = bytes[...]
        self.chunk = chunk
        self.watch = try loop.watch(socket, for: [.readable, .writable]) { [unowned self] ready in
            if ready.contains(.writable) { send() }
            receive()
        }
    }

    /// Returns when the server has closed the connection, which it must once everything is sent and answered, and has
    /// given up what nobody answers.
    func talk() throws(Errno) {
        losePatience()
        defer { if let patience { loop.cancel(patience) } }
        let timer = loop.schedule(at: .now() + .seconds(5)) { fatalError("the server keeps a client that has left") }
        try loop.run()
        while isHeld() {
            loop.postpone { [loop] in loop.stop() }
            try loop.run()
        }
        loop.cancel(timer)
        for message in received.split(separator: 0, omittingEmptySubsequences: false).dropLast() {
            let message = Array(message)
            precondition(
                (try? unsafe MessageScanner.scan(message.span.bytes, secretPath: nil)) != nil, "an answer is a message")
        }
    }

    /// Sends no more when the server has taken nothing for a while, as it may while it answers a call.
    private func losePatience() {
        let before = rest.count
        patience = loop.schedule(at: .now() + .milliseconds(50)) { [unowned self] in
            if rest.count < before { return losePatience() }
            rest = []
            finish()
        }
    }

    /// Hangs up where the server waits for an answer, as it does for who only stops writing.
    private func loseHope() {
        if let patience { loop.cancel(patience) }
        patience = loop.schedule(at: .now() + .milliseconds(10)) { [unowned self] in
            if isHeld() { _ = socket.withRaw { shutdown($0, CInt(SHUT_RDWR)) } } else { loseHope() }
        }
    }

    private func finish() {
        guard let watch else { return }
        _ = socket.withRaw { shutdown($0, CInt(SHUT_WR)) }
        try? loop.change(watch, to: .readable)
        loseHope()
    }

    private func send() {
        let part = Array(rest.prefix(chunk))
        let count = socket.withRaw { unsafe Glibc.send($0, part, part.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT)) }
        if count < 0, errno == EAGAIN { return }
        rest = count < 0 ? [] : rest.dropFirst(count)
        if rest.isEmpty { finish() }
    }

    private func receive() {
        var part = [UInt8](repeating: 0, count: 4096)
        let count = socket.withRaw { unsafe recv($0, &part, part.count, CInt(MSG_DONTWAIT)) }
        if count < 0, errno == EAGAIN { return }
        received += part.prefix(max(count, 0))
        guard count <= 0, let watch else { return }
        loop.unwatch(watch)
        loop.stop()
    }
}
