import Glibc
import Platform
import Support
import Synchronization
import Testing
import Varlink

@Suite struct ServerLimitTests {
    @Test func `a message at the limit is served, one beyond it ends the connection`() throws {
        var limits = VarlinkServer.Limits()
        limits.messageSize = 20_000
        let server = try TestServer(limits: limits)
        let socket = try server.connect()
        let call = #"{"method":"io.example.Test.Echo"}"#
        write(call + String(repeating: " ", count: 20_000 - call.utf8.count) + "\0", to: socket)
        #expect(read(from: socket, until: "\0") == "{\"parameters\":{\"bytes\":-1}}\0")
        write(String(repeating: " ", count: 20_001), to: socket)
        #expect(
            read(from: socket)
                == #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"message"}}"# + "\0")
    }

    @Test func `parameters beyond their limit are refused, a portrait of that size is not`() throws {
        var limits = VarlinkServer.Limits()
        limits.textSize = 1000
        let server = try TestServer(limits: limits)
        let socket = try server.connect()
        let long = String(repeating: "A", count: 40_000)
        write(#"{"method":"io.example.Test.Echo","parameters":{"request":{"portrait":"\#(long)"}}}"# + "\0", to: socket)
        #expect(read(from: socket, until: "\0") == "{\"parameters\":{\"bytes\":30000}}\0")
        write(#"{"method":"io.example.Test.Echo","parameters":{"request":{"picture":"\#(long)"}}}"# + "\0", to: socket)
        #expect(
            read(from: socket)
                == #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"parameters"}}"# + "\0")
    }

    @Test func `one client too many is closed at once, the others go on`() throws {
        var limits = VarlinkServer.Limits()
        limits.connections = 1
        let server = try TestServer(limits: limits)
        var first = try VarlinkClient(connecting: server.path)
        try first.send("io.example.Test.Echo", within: patience)
        _ = try first.receive(within: patience)
        let second = try server.connect()
        #expect(read(from: second) == "")
        try first.send("io.example.Test.Echo", within: patience)
        #expect(try first.receive(within: patience).error == nil)
    }

    @Test func `a slow reader is dropped`() throws {
        let server = try TestServer()
        let socket = try server.connect()
        write(#"{"method":"io.example.Test.Flood","more":true}"# + "\0", to: socket)
        try wait { server.record.handled.load(ordering: .relaxed) > 0 }
        let text = read(from: socket)
        #expect(!text.hasSuffix("{\"parameters\":{}}\0"))
        #expect(text.utf8.count < 1_000_000)
    }

    @Test func `large messages beyond the limit wait for their turn`() throws {
        var limits = VarlinkServer.Limits()
        limits.largeMessages = 2
        let server = try TestServer(limits: limits)
        let patient = try server.connect()
        let message = LargeCall(bytes: 75_000)
        do {
            let first = try server.connect()
            let second = try server.connect()
            write(message.half, to: first)
            write(message.half, to: second)
            try server.letTheLoopTurn()
            write(message.whole, to: patient)
            try server.letTheLoopTurn()
            #expect(server.record.order.withLock { $0.filter { $0 == LargeCall.method }.isEmpty })
            #expect(line(of: patient, within: .zero) == .open)
        }
        #expect(read(from: patient, until: "\0") == message.answer)
    }

    @Test func `a large message that stalls gives its room up when another waits`() throws {
        var limits = VarlinkServer.Limits()
        limits.largeMessages = 1
        let clock = TestClock()
        let server = try TestServer(limits: limits, now: clock.now)
        let message = LargeCall(bytes: 75_000)
        let stalling = try server.connect()
        write(message.half, to: stalling)
        try server.letTheLoopTurn()
        clock.advance(by: limits.roomTime)
        try server.letTheLoopTurn()
        #expect(line(of: stalling, within: .zero) == .open)
        let patient = try server.connect()
        write(message.whole, to: patient)
        #expect(read(from: patient, until: "\0") == message.answer)
        #expect(line(of: stalling) == .hungUp)
    }

    @Test func `a client that leaves its answers unread is dropped when its time is over`() throws {
        var limits = VarlinkServer.Limits()
        limits.messageTime = .milliseconds(50)
        let server = try TestServer(limits: limits)
        let socket = try server.connect()
        let call =
            #"{"method":"org.varlink.service.GetInterfaceDescription","#
            + #""parameters":{"interface":"org.varlink.service"}}"# + "\0"
        write(String(repeating: call, count: 400), to: socket)
        // Only the end of the connection tells: its answers stay in the kernel until then.
        #expect(line(of: socket) == .hungUp)
        #expect(!read(from: socket).isEmpty)
    }
}
