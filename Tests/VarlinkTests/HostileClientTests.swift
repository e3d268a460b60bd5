import Glibc
import Platform
import Support
import Synchronization
import Testing
import Varlink

@Suite struct HostileClientTests {
    @Test func `a message without an end is refused at the limit`() throws {
        let server = try TestServer()
        let socket = try server.connect()
        let piece = [UInt8](repeating: UInt8(ascii: " "), count: 65_536)
        var sent = 0
        while sent < 1 << 30 {
            let count = write(piece, to: socket)
            sent += count
            if count < piece.count { break }
        }
        #expect(line(of: socket) == .hungUp)
        // What the kernel holds for a socket comes on top.
        #expect(sent < VarlinkServer.Limits().messageSize + 1 << 20)
        #expect(read(from: socket, until: "\0").contains(#""parameters":{"parameter":"message"}"#))
    }

    @Test(arguments: [
        Array(#"{"method":"a.B","parameters":"#.utf8) + Array(repeating: UInt8(ascii: "["), count: 60_000),
        Array(String(repeating: #"{"a":"#, count: 33).utf8),
        Array(#"{"method":"a."#.utf8) + [0xC0, 0xAF] + Array("\"}".utf8),
        Array(#"{"method":"a."#.utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8),
        Array(#"{"method":"a."#.utf8) + [0xFF] + Array("\"}".utf8),
        Array(#"{"method":"a.B","parameters":{"x":"\ud800"}}"#.utf8),
    ]) func `deep JSON and invalid UTF-8 end the connection`(message: [UInt8]) throws {
        let server = try TestServer()
        let socket = try server.connect()
        write(message + [0], to: socket)
        #expect(read(from: socket, until: "\0").contains(#""parameters":{"parameter":"message"}"#))
        #expect(line(of: socket) == .hungUp)
    }

    @Test func `a scan that would last is given up at the limit`() throws {
        let message =
            Array(#"{"method":"a.B","parameters":{"x":["#.utf8) + Array(repeating: UInt8(ascii: "1"), count: 99)
        let numbers = Array(String(repeating: "1,", count: 700_000).utf8)
        // Behind the limit nothing is looked at, not even that this is no JSON.
        #expect(throws: WireFault.textTooLong(limit: 1000)) {
            _ = try unsafe MessageScanner.scan(
                (message + numbers + [0xFF]).span.bytes, secretPath: nil, longestText: 1000)
        }
    }

    @Test func `one byte a second does not keep a message alive`() throws {
        let clock = TestClock()
        let server = try TestServer(now: clock.now)
        let socket = try server.connect()
        for _ in 0..<10 {
            write("{", to: socket)
            try server.letTheLoopTurn()
            #expect(line(of: socket, within: .zero) == .open)
            clock.advance(by: .seconds(1))
        }
        write("{", to: socket)
        #expect(line(of: socket) == .hungUp)
    }

    @Test func `a message that has come is served although others had the loop for its time`() throws {
        let clock = TestClock()
        let server = try TestServer(now: clock.now)
        let socket = try server.connect()
        let early = try server.connect()
        write(#"{"method":"io.example."#, to: socket)
        try server.letTheLoopTurn()
        let other = try server.holdTheLoop()
        write(echo, to: early)
        write(#"Test.Echo"}"# + "\0", to: socket)
        clock.advance(by: VarlinkServer.Limits().messageTime)
        server.record.goesOn.raise()
        #expect(read(from: socket, until: "\0") == "{\"parameters\":{\"bytes\":-1}}\0")
        _ = consume other
        _ = consume early
    }

    @Test func `a client that is always in the middle of a message but ends each in time is not dropped`() throws {
        let clock = TestClock()
        let server = try TestServer(now: clock.now)
        let socket = try server.connect()
        write("{", to: socket)
        for _ in 0..<4 {
            try server.letTheLoopTurn()
            clock.advance(by: .seconds(6))
            write(#""oneway":true,"method":"io.example.Test.Count"}"# + "\0{", to: socket)
        }
        try server.letTheLoopTurn()
        #expect(line(of: socket, within: .zero) == .open)
        #expect(server.record.order.withLock { $0.count { $0 == "io.example.Test.Count" } } == 4)
    }

    @Test func `a client that pipelines calls waits behind one that sends a single one`() throws {
        let server = try TestServer()
        let holder = try server.connect()
        let greedy = try server.connect()
        let modest = try server.connect()
        try server.letTheLoopTurn()
        try server.holdTheLoop(by: holder)
        write(String(repeating: #"{"method":"io.example.Test.Echo"}"# + "\0", count: 200), to: greedy)
        write(#"{"method":"io.example.Test.Count"}"# + "\0", to: modest)
        server.record.goesOn.raise()
        _ = read(from: modest, until: "\0")
        let answer = "{\"parameters\":{\"bytes\":-1}}\0"
        #expect(read(from: greedy, until: String(repeating: answer, count: 200)).utf8.count == answer.utf8.count * 200)
        let order = server.record.order.withLock { $0 }
        let start = try #require(order.lastIndex(of: "io.example.Test.Wait"))
        let place = try #require(order.firstIndex(of: "io.example.Test.Count"))
        #expect(place - start <= 4)
    }

    @Test func `a connect storm takes no place from a call in flight and leaves room for the next client`() throws {
        let server = try TestServer()
        let verifying = try server.connect()
        write(#"{"method":"io.example.Test.Hang"}"# + "\0", to: verifying)
        try wait { server.record.calls.load(ordering: .relaxed) > 0 }
        var storm: [Connection] = []
        for _ in 0..<3 * VarlinkServer.Limits().connections { storm.append(Connection(try server.connect())) }
        try server.letTheLoopTurn()
        #expect(line(of: verifying, within: .zero) == .open)
        // The newest are still there, the oldest made room.
        #expect(try #require(storm.first).line() == .hungUp)
        #expect(try #require(storm.last).line(within: .zero) == .open)
    }

    @Test func `a process's only place is its own for a while, and for as long as its call lasts`() throws {
        var limits = VarlinkServer.Limits()
        limits.connections = 1
        let clock = TestClock()
        let server = try TestServer(limits: limits, now: clock.now)
        let first = try server.connect()
        let tooEarly = try server.connect()
        #expect(line(of: tooEarly) == .hungUp)
        clock.advance(by: limits.placeTime)
        let second = try server.connect()
        #expect(line(of: first) == .hungUp)
        write(#"{"method":"io.example.Test.Hang"}"# + "\0", to: second)
        try wait { server.record.calls.load(ordering: .relaxed) > 0 }
        clock.advance(by: limits.placeTime)
        let third = try server.connect()
        #expect(line(of: third) == .hungUp)
        #expect(line(of: second, within: .zero) == .open)
    }

    private final class Connection {
        let socket: OwnedDescriptor
        init(_ socket: consuming OwnedDescriptor) { self.socket = socket }
        func line(within time: Duration = patience) -> Line { VarlinkTests.line(of: socket, within: time) }
    }
}
