import Foundation
import Glibc
import Platform
import Testing
import Varlink

/// Who waits for room, and who keeps a listener waiting.
@Suite struct RoomTests {
    private let clock = TestClock()

    @Test func `waiting for room takes none of a message's time`() throws {
        var limits = VarlinkServer.Limits()
        limits.largeMessages = 1
        limits.messageTime = limits.roomTime + .seconds(1)
        let server = try TestServer(limits: limits, now: clock.now)
        let message = LargeCall(bytes: 75_000)
        let first = try server.connect()
        let second = try server.connect()
        let patient = try server.connect()
        write(message.half, to: first)
        try server.letTheLoopTurn()
        write(message.half, to: second)
        try server.letTheLoopTurn()
        write(message.whole, to: patient)
        try server.letTheLoopTurn()
        clock.advance(by: limits.roomTime)
        try server.letTheLoopTurn()
        #expect(line(of: first) == .hungUp)
        clock.advance(by: limits.roomTime)
        try server.letTheLoopTurn()
        #expect(line(of: second) == .hungUp)
        #expect(read(from: patient, until: "\0") == message.answer)
    }

    @Test func `a large message that has come is served although others had the loop for its time`() throws {
        var limits = VarlinkServer.Limits()
        limits.largeMessages = 1
        let server = try TestServer(limits: limits, now: clock.now)
        let message = LargeCall(bytes: 75_000)
        let holder = try server.connect()
        let seeker = try server.connect()
        let early = try server.connect()
        write(message.half, to: holder)
        try server.letTheLoopTurn()
        write(message.half, to: seeker)
        try server.letTheLoopTurn()
        let other = try server.holdTheLoop()
        write(echo, to: early)
        write(String(message.whole.dropFirst(message.half.count)), to: holder)
        clock.advance(by: limits.roomTime)
        server.record.goesOn.raise()
        #expect(read(from: holder, until: "\0") == message.answer)
        _ = consume other
        _ = consume early
    }

    @Test(.enabled(if: Stranger.canCome, "there is no python3"))
    func `who has no room comes before those whose process has`() throws {
        let limits = VarlinkServer.Limits()
        let server = try TestServer(limits: limits, now: clock.now)
        let message = LargeCall(bytes: 75_000)
        // Whatever the crowd waits for is closed with it.
        let crowd = try (0..<6).map { _ in
            let socket = try server.connect()
            write(message.half, to: socket)
            try server.letTheLoopTurn()
            return socket.release()
        }
        defer { for raw in crowd { close(raw) } }
        let stranger = try Stranger(sending: message.whole, to: server.path)
        try server.letTheLoopTurn()
        clock.advance(by: limits.roomTime)
        try server.letTheLoopTurn()
        #expect(stranger.answer == message.answer)
    }

    @Test func `a listener that cannot be watched again is tried until it can`() throws {
        let loop = try EventLoop(patientShare: 1, now: clock.now)
        func turn() throws {
            loop.postpone { loop.stop() }
            try loop.run()
        }
        let server = VarlinkServer(
            loop: loop, identity: .init(vendor: "v", product: "p", version: "1", url: "u"), interfaces: []
        ) { _ in }
        defer { server.close() }
        let path = NSTemporaryDirectory() + "deaf-\(UUID().uuidString).sock"
        defer { _ = unsafe unlink(path) }
        // Nobody can be accepted before it listens.
        let raw = try boundSocket(at: path)
        try server.serve(OwnedDescriptor(taking: raw))
        try turn()
        // Nothing can be watched twice.
        let twin = OwnedDescriptor(taking: raw)
        let watch = try loop.watch(twin, for: .readable, as: .patient) { _ in }
        _ = twin.release()
        clock.advance(by: .milliseconds(200))
        try turn()
        loop.unwatch(watch)
        #expect(listen(raw, 16) == 0)
        clock.advance(by: .milliseconds(200))
        try turn()
        var client = try VarlinkClient(connecting: path)
        try client.send("org.varlink.service.GetInfo", within: patience)
        for _ in 0..<5 { try turn() }
        #expect(try client.receive(within: .seconds(1)).error == nil)
    }

    /// A socket with a name at which nobody listens.
    private func boundSocket(at path: String) throws -> CInt {
        let raw = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        return raw
    }
}

/// A client in a process of its own.
private final class Stranger {
    private static let interpreter = "/usr/bin/python3"
    private static let program = """
        import socket, sys
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(20)
        client.connect(sys.argv[1])
        client.sendall(sys.stdin.buffer.read())
        sys.stdout.write(".")
        sys.stdout.flush()
        sys.stdout.write(client.recv(4096).decode())
        """

    static var canCome: Bool { FileManager.default.isExecutableFile(atPath: interpreter) }

    private let process = Process()
    private let output = Pipe()

    /// Returns when all is sent.
    init(sending text: String, to path: String) throws {
        let input = Pipe()
        process.executableURL = URL(filePath: Self.interpreter)
        process.arguments = ["-c", Self.program, path]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let mark = try output.fileHandleForReading.read(upToCount: 1)
        try #require(mark == Data(".".utf8))
    }

    /// What comes first; nothing when that takes too long.
    lazy var answer: String = {
        let data = try? output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        return String(decoding: data ?? Data(), as: UTF8.self)
    }()
}
