import Foundation
import Glibc
import Platform
import Support
import Synchronization
import Testing
import Varlink

/// A server on a thread of its own, with methods that misbehave on purpose.
final class TestServer {
    static let text = """
        interface io.example.Test
        method Echo(request: (portrait: string)) -> (bytes: int)
        method Count() -> (number: int)
        method Hang() -> ()
        method Flood() -> (text: string)
        method Forget() -> ()
        method Later() -> (isNested: bool)
        method Wait() -> ()
        method Large(request: (portrait: string)) -> (bytes: int)
        """

    /// What the handler saw.
    final class Record: Sendable {
        let hangUps = Atomic(0)
        let calls = Atomic(0)
        let handled = Atomic(0)
        /// A handler is at work.
        let isInside = Atomic(false)
        /// The methods as they were handled.
        let order = Mutex<[String]>([])
        /// `Wait` holds the whole server up until this is raised.
        let goesOn = StopFlag()
    }

    let path = NSTemporaryDirectory() + "varlink-\(UUID().uuidString).sock"
    let record = Record()
    private let stop: Waker
    private let thread: WorkerThread

    /// `now` tells the time of the limits; clients may take all of the thread's time unless `patientShare` says less.
    init(
        limits: VarlinkServer.Limits = .init(), patientShare: Double = 1,
        now: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) throws {
        let stop = try Waker()
        let listener = Box(try UnixSocket.listen(at: path, mode: 0o600))
        let record = record
        self.stop = stop
        let body: @Sendable () -> Void = {
            guard let loop = try? EventLoop(patientShare: patientShare, now: now) else { return }
            try? Self.run(loop, listener, limits, record, stop)
        }
        self.thread = try WorkerThread(name: "test-server", body)
    }

    deinit {
        stop.wake()
        _ = unsafe unlink(path)
    }

    /// A raw connection, for what a polite client never sends.
    func connect() throws -> OwnedDescriptor {
        let socket = try UnixSocket.connect(to: path)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        socket.withRaw { raw in
            _ = unsafe setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        return socket
    }

    /// Returns when whatever was sent before has been looked at.
    func letTheLoopTurn() throws {
        var other = try VarlinkClient(connecting: path)
        for _ in 0..<20 {
            try other.send("io.example.Test.Echo", within: patience)
            _ = try other.receive(within: patience)
        }
    }

    /// Keeps the loop busy with a call until the record `goesOn`; returns when it is.
    func holdTheLoop() throws -> OwnedDescriptor {
        let socket = try connect()
        try holdTheLoop(by: socket)
        return socket
    }

    func holdTheLoop(by socket: borrowing OwnedDescriptor) throws {
        write(#"{"method":"io.example.Test.Wait","oneway":true}"# + "\0", to: socket)
        try wait { record.order.withLock { $0.last } == "io.example.Test.Wait" }
    }

    private final class Box: @unchecked Sendable {
        var socket: OwnedDescriptor?
        init(_ socket: consuming OwnedDescriptor) { self.socket = consume socket }
    }

    private static func run(
        _ loop: EventLoop, _ listener: Box, _ limits: VarlinkServer.Limits, _ record: Record, _ stop: Waker
    ) throws {
        let server = VarlinkServer(
            loop: loop, identity: .init(vendor: "v", product: "p", version: "1", url: "u"),
            interfaces: [try InterfaceDescription(text: text)], secretPath: ["parameters", "request", "portrait"],
            limits: limits
        ) { call in handle(call, record, loop) }
        if let socket = listener.socket.take() { try server.serve(socket) }
        let watch = try stop.attach(to: loop) { loop.stop() }
        try loop.run()
        loop.unwatch(watch)
        server.close()
    }

    private static func handle(_ call: Call, _ record: Record, _ loop: EventLoop) {
        record.calls.add(1, ordering: .relaxed)
        record.order.withLock { $0.append(call.method) }
        defer { record.handled.add(1, ordering: .relaxed) }
        switch call.method {
        case "io.example.Test.Echo", LargeCall.method:
            var count = -1
            if let secret = call.takeSecret() { count = secret.count }
            call.reply(Array("{\"bytes\":\(count)}".utf8))
        case "io.example.Test.Count":
            guard call.wantsMore else { return call.failExpectedMore() }
            for number in 1...3 { call.replyContinuing(Array("{\"number\":\(number)}".utf8)) }
            call.reply(Array("{\"number\":4}".utf8))
        case "io.example.Test.Flood":
            for _ in 0..<100 {
                call.replyContinuing(Array("{\"text\":\"\(String(repeating: "x", count: 10_000))\"}".utf8))
            }
            call.reply(Array("{}".utf8))
        case "io.example.Test.Forget": break
        case "io.example.Test.Wait":
            while !record.goesOn.isRaised { sched_yield() }
            call.reply(Array("{}".utf8))
        case "io.example.Test.Later":
            let wasInside = record.isInside.exchange(true, ordering: .relaxed)
            loop.schedule(at: .now()) {
                record.isInside.store(true, ordering: .relaxed)
                call.reply(Array("{\"isNested\":\(wasInside)}".utf8))
                record.isInside.store(false, ordering: .relaxed)
            }
            record.isInside.store(wasInside, ordering: .relaxed)
        default:
            // Keeps the call, as a long verification does.
            withExtendedLifetime(call) {
                call.onHangUp = { [call] in
                    _ = call
                    record.hangUps.add(1, ordering: .relaxed)
                }
            }
        }
    }
}

let echo = #"{"method":"io.example.Test.Echo"}"# + "\0"

/// A call whose portrait makes it larger than the server's small buffer.
struct LargeCall {
    static let method = "io.example.Test.Large"
    let whole: String
    let answer: String

    init(bytes: Int) {
        let portrait = String(repeating: "A", count: bytes / 3 * 4)
        whole = "{\"method\":\"\(Self.method)\",\"parameters\":{\"request\":{\"portrait\":\"\(portrait)\"}}}" + "\0"
        answer = "{\"parameters\":{\"bytes\":\(bytes)}}\0"
    }

    var half: String { String(whole.prefix(whole.utf8.count / 2)) }
}

/// A clock that a test puts forward.
final class TestClock: Sendable {
    private let nanoseconds = Atomic<Int64>(1_000_000_000)

    @Sendable func now() -> Timestamp { Timestamp(nanoseconds: nanoseconds.load(ordering: .sequentiallyConsistent)) }

    func advance(by duration: Duration) {
        nanoseconds.add(duration.nanoseconds, ordering: .sequentiallyConsistent)
    }
}

/// How long a test waits before it fails.
let patience = Duration.seconds(20)

/// Sends all of `text`, or less when the server hangs up.
func write(_ text: String, to socket: borrowing OwnedDescriptor) {
    write(Array(text.utf8), to: socket)
}

/// Sends all of `bytes`, or less when the server hangs up, and returns how many it sent.
@discardableResult
func write(_ bytes: [UInt8], to socket: borrowing OwnedDescriptor) -> Int {
    socket.withRaw { raw in
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe send(raw, $0.baseAddress! + sent, $0.count - sent, CInt(MSG_NOSIGNAL))
            }
            if count <= 0 { return sent }
            sent += count
        }
        return sent
    }
}

/// Tells the server that nothing more comes.
func stopWriting(to socket: borrowing OwnedDescriptor) {
    socket.withRaw { raw in _ = shutdown(raw, CInt(SHUT_WR)) }
}

enum Line { case open, hungUp }

/// Waits for the server to hang up; `.open` when it does not before `patience` is over.
func line(of socket: borrowing OwnedDescriptor, within patience: Duration = patience) -> Line {
    socket.withRaw { raw in
        var entry = pollfd(fd: raw, events: 0, revents: 0)
        return unsafe poll(&entry, 1, CInt(patience.milliseconds)) == 1 ? .hungUp : .open
    }
}

/// Everything until the server closes, or until `end` came.
func read(from socket: borrowing OwnedDescriptor, until end: String? = nil) -> String {
    socket.withRaw { raw in
        var (text, chunk) = ("", [UInt8](repeating: 0, count: 65_536))
        while end.map({ !text.contains($0) }) ?? true {
            let count = unsafe Glibc.read(raw, &chunk, chunk.count)
            if count <= 0 { return text }
            text += String(decoding: chunk.prefix(count), as: UTF8.self)
        }
        return text
    }
}
