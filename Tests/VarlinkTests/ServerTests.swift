import Foundation
import Glibc
import Platform
import Support
import Synchronization
import Testing
import Varlink

/// A server on a thread of its own, with methods that misbehave on purpose.
private final class TestServer {
    static let text = """
        interface io.example.Test
        method Echo(request: (portrait: string)) -> (bytes: int)
        method Count() -> (number: int)
        method Hang() -> ()
        method Flood() -> (text: string)
        """

    /// What the handler saw.
    final class Record: Sendable {
        let hangUps = Atomic(0)
        let calls = Atomic(0)
        let handled = Atomic(0)
    }

    let path = NSTemporaryDirectory() + "varlink-\(UUID().uuidString).sock"
    let record = Record()
    private let stop: Waker
    private let thread: WorkerThread

    init(limits: VarlinkServer.Limits = .init()) throws {
        let stop = try Waker()
        let listener = Box(try UnixSocket.listen(at: path, mode: 0o600))
        let record = record
        self.stop = stop
        let body: @Sendable () -> Void = { try? Self.run(listener, limits, record, stop) }
        self.thread = try WorkerThread(name: "test-server", body)
    }

    deinit {
        stop.wake()
        _ = unsafe unlink(path)
    }

    private final class Box: @unchecked Sendable {
        var socket: OwnedDescriptor?
        init(_ socket: consuming OwnedDescriptor) { self.socket = consume socket }
    }

    private static func run(
        _ listener: Box, _ limits: VarlinkServer.Limits, _ record: Record, _ stop: Waker
    ) throws {
        let loop = try EventLoop()
        let server = VarlinkServer(
            loop: loop, identity: .init(vendor: "v", product: "p", version: "1", url: "u"),
            interfaces: [try InterfaceDescription(text: text)], secretPath: ["parameters", "request", "portrait"],
            limits: limits
        ) { call in handle(call, record) }
        if let socket = listener.socket.take() { try server.serve(socket) }
        let watch = try stop.attach(to: loop) { loop.stop() }
        try loop.run()
        loop.unwatch(watch)
        server.close()
    }

    private static func handle(_ call: Call, _ record: Record) {
        record.calls.add(1, ordering: .relaxed)
        defer { record.handled.add(1, ordering: .relaxed) }
        switch call.method {
        case "io.example.Test.Echo":
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

@Suite(.serialized) struct ServerTests {
    private let patience = Duration.seconds(20)

    /// A raw connection, for what a polite client never sends.
    private func raw(_ server: TestServer) throws -> OwnedDescriptor { try UnixSocket.connect(to: server.path) }

    private func write(_ text: String, to socket: borrowing OwnedDescriptor) {
        let bytes = Array(text.utf8)
        socket.withRaw { raw in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe send(raw, $0.baseAddress! + sent, $0.count - sent, CInt(MSG_NOSIGNAL))
                }
                if count <= 0 { return }
                sent += count
            }
        }
    }

    /// Everything until the server closes, or until `end` came.
    private func read(from socket: borrowing OwnedDescriptor, until end: String? = nil) -> String {
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

    @Test func `a client gets the answer to its call`() throws {
        let server = try TestServer()
        var client = try VarlinkClient(connecting: server.path)
        try client.send("io.example.Test.Echo", #"{"request":{"portrait":"SGVsbG8="}}"#, within: patience)
        let reply = try client.receive(within: patience)
        #expect(reply.error == nil && !reply.continues)
        #expect(String(decoding: reply.parameters, as: UTF8.self) == #"{"bytes":5}"#)
    }

    @Test func `a call that wants more gets several answers`() throws {
        let server = try TestServer()
        var client = try VarlinkClient(connecting: server.path)
        try client.send("io.example.Test.Count", more: true, within: patience)
        for number in 1...4 {
            let reply = try client.receive(within: patience)
            #expect(String(decoding: reply.parameters, as: UTF8.self) == "{\"number\":\(number)}")
            #expect(reply.continues == (number < 4))
        }
        try client.send("io.example.Test.Count", within: patience)
        #expect(try client.receive(within: patience).error == "org.varlink.service.ExpectedMore")
    }

    @Test(arguments: [
        ("io.example.Test.None", "org.varlink.service.MethodNotFound", #"{"method":"None"}"#),
        ("io.example.None.X", "org.varlink.service.InterfaceNotFound", #"{"interface":"io.example.None"}"#),
        ("None", "org.varlink.service.InterfaceNotFound", #"{"interface":"None"}"#),
    ]) func `unknown names get the standard's errors`(method: String, error: String, parameters: String) throws {
        let server = try TestServer()
        var client = try VarlinkClient(connecting: server.path)
        try client.send(method, within: patience)
        let reply = try client.receive(within: patience)
        #expect(reply.error == error)
        #expect(String(decoding: reply.parameters, as: UTF8.self) == parameters)
    }

    @Test func `the service describes itself`() throws {
        let server = try TestServer()
        var client = try VarlinkClient(connecting: server.path)
        try client.send("org.varlink.service.GetInfo", within: patience)
        let info = try client.receive(within: patience)
        #expect(
            String(decoding: info.parameters, as: UTF8.self).contains(
                #""interfaces":["org.varlink.service","io.example.Test"]"#))
        try client.send(
            "org.varlink.service.GetInterfaceDescription", #"{"interface":"io.example.Test"}"#, within: patience)
        let description = try client.receive(within: patience)
        struct Answer: Decodable { let description: String }
        #expect(
            try JSONDecoder().decode(Answer.self, from: Data(description.parameters)).description == TestServer.text)
    }

    @Test(arguments: [1, 2, 7, 1000]) func `chunks never change what is understood`(size: Int) throws {
        let server = try TestServer()
        let socket = try raw(server)
        let text = #"{"method":"io.example.Test.Echo","parameters":{"request":{"portrait":"QUFB"}}}"# + "\0"
        let bytes = Array((text + text).utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            write(String(decoding: bytes[start..<min(start + size, bytes.count)], as: UTF8.self), to: socket)
        }
        let answer = "{\"parameters\":{\"bytes\":3}}\0"
        #expect(read(from: socket, until: answer + answer) == answer + answer)
    }

    @Test func `a oneway call gets no answer`() throws {
        let server = try TestServer()
        let socket = try raw(server)
        write(#"{"method":"io.example.Test.Echo","oneway":true}"# + "\0", to: socket)
        write(#"{"method":"io.example.Test.Echo"}"# + "\0", to: socket)
        #expect(read(from: socket, until: "\0") == "{\"parameters\":{\"bytes\":-1}}\0")
    }

    @Test(arguments: ["{]\0", "x\0", "\0", "{\"method\":\"\u{1}\"}\0", "{\"error\":\"a.B\"}\0"])
    func `a malformed message is answered and the connection closed`(text: String) throws {
        let server = try TestServer()
        let socket = try raw(server)
        write(text, to: socket)
        #expect(read(from: socket).hasPrefix(#"{"error":"org.varlink.service.InvalidParameter""#))
    }

    @Test func `a message beyond the limit is refused`() throws {
        var limits = VarlinkServer.Limits()
        limits.messageSize = 20_000
        let server = try TestServer(limits: limits)
        let socket = try raw(server)
        write(String(repeating: "x", count: 50_000), to: socket)
        #expect(read(from: socket).isEmpty || server.record.calls.load(ordering: .relaxed) == 0)
    }

    @Test func `a half message is dropped when its time is over`() throws {
        var limits = VarlinkServer.Limits()
        limits.messageTime = .milliseconds(50)
        let server = try TestServer(limits: limits)
        let socket = try raw(server)
        write("{\"method\":", to: socket)
        #expect(read(from: socket) == "")
    }

    @Test func `one client too many is closed at once, the others go on`() throws {
        var limits = VarlinkServer.Limits()
        limits.connections = 1
        let server = try TestServer(limits: limits)
        var first = try VarlinkClient(connecting: server.path)
        try first.send("io.example.Test.Echo", within: patience)
        _ = try first.receive(within: patience)
        let second = try raw(server)
        #expect(read(from: second) == "")
        try first.send("io.example.Test.Echo", within: patience)
        #expect(try first.receive(within: patience).error == nil)
    }

    @Test func `a client that leaves is noticed while its call lasts`() throws {
        let server = try TestServer()
        do {
            let client = try raw(server)
            write(#"{"method":"io.example.Test.Hang"}"# + "\0", to: client)
            while server.record.calls.load(ordering: .relaxed) == 0 { sched_yield() }
        }
        let deadline = Timestamp.now() + patience
        while server.record.hangUps.load(ordering: .relaxed) == 0, Timestamp.now() < deadline { sched_yield() }
        #expect(server.record.hangUps.load(ordering: .relaxed) == 1)
    }

    @Test func `a slow reader is dropped`() throws {
        let server = try TestServer()
        let socket = try raw(server)
        write(#"{"method":"io.example.Test.Flood","more":true}"# + "\0", to: socket)
        while server.record.handled.load(ordering: .relaxed) == 0 { sched_yield() }
        let text = read(from: socket)
        #expect(!text.hasSuffix("{\"parameters\":{}}\0"))
        #expect(text.utf8.count < 1_000_000)
    }

    @Test func `many large halves wait for room instead of growing memory`() throws {
        var limits = VarlinkServer.Limits()
        limits.receiveSize = 1 << 20
        limits.messageTime = .milliseconds(300)
        let server = try TestServer(limits: limits)
        let before = SecureMemory.allocatedByteCount
        var sockets: [Int32] = []
        for _ in 0..<8 {
            let socket = try raw(server)
            socket.withRaw { raw in _ = fcntl(raw, F_SETFL, O_NONBLOCK) }
            write(String(repeating: "x", count: 500_000), to: socket)
            sockets.append(socket.release())
        }
        var client = try VarlinkClient(connecting: server.path)
        try client.send("io.example.Test.Echo", within: patience)
        _ = try client.receive(within: patience)
        #expect(SecureMemory.allocatedByteCount - before < 2 << 20)
        for socket in sockets { close(socket) }
    }

    @Test func `a missing service is told apart`() {
        #expect(throws: ClientFault.noService(path: "/nowhere/x.sock")) {
            _ = try VarlinkClient(connecting: "/nowhere/x.sock")
        }
    }

    @Test func `nothing of the secret stays in memory`() throws {
        // 48 bytes that stand nowhere else, kept as complement.
        let hidden = (0..<48).map { ~UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let server = try TestServer()
        do {
            let socket = try raw(server)
            let message = SecureMessage(
                start: #"{"method":"io.example.Test.Echo","parameters":{"request":{"portrait":""#, complement: hidden)
            message.send(to: socket)
            #expect(read(from: socket, until: "\0").contains(#""bytes":48"#))
            let isFindable = message.holdsSecret(hidden)
            #expect(isFindable)
        }
        #expect(memoryHolds(complementOf: hidden) == 0)
        #expect(memoryHolds(complementOf: SecureMessage.base64Complement(hidden)) == 0)
    }
}

/// Builds and sends a message whose secret is whole in secure memory only.
private struct SecureMessage: ~Copyable {
    private var bytes: SecureBytes
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    init(start: String, complement: [UInt8]) {
        let (head, tail) = (Array(start.utf8), Array("\"}}}\0".utf8))
        self.bytes = SecureBytes(count: head.count + complement.count / 3 * 4 + tail.count)
        let base64 = Self.base64Complement(complement)
        bytes.withMutableBytes { output in
            for (index, byte) in head.enumerated() { output.storeBytes(of: byte, toByteOffset: index, as: UInt8.self) }
            for (index, byte) in base64.enumerated() {
                output.storeBytes(of: ~byte, toByteOffset: head.count + index, as: UInt8.self)
            }
            for (index, byte) in tail.enumerated() {
                output.storeBytes(of: byte, toByteOffset: head.count + base64.count + index, as: UInt8.self)
            }
        }
    }

    /// The complement of the base64 text of the complement's complement.
    static func base64Complement(_ complement: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for start in stride(from: 0, to: complement.count, by: 3) {
            let (a, b, c) = (~complement[start], ~complement[start + 1], ~complement[start + 2])
            let places = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63]
            output += places.map { ~digits[Int($0)] }
        }
        return output
    }

    borrowing func send(to socket: borrowing OwnedDescriptor) {
        bytes.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                socket.withRaw { raw in _ = unsafe Glibc.send(raw, bytes.baseAddress, bytes.count, 0) }
            }
        }
    }

    /// Proves that the search finds what is there.
    borrowing func holdsSecret(_ hidden: [UInt8]) -> Bool {
        memoryHolds(complementOf: Self.base64Complement(hidden)) > 0
    }
}
