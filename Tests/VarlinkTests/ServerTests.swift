import Foundation
import Glibc
import Platform
import Support
import Synchronization
import Testing
import Varlink

@Suite struct ServerTests {
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
        let socket = try server.connect()
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
        let socket = try server.connect()
        write(#"{"method":"io.example.Test.Echo","oneway":true}"# + "\0", to: socket)
        write(#"{"method":"io.example.Test.Echo"}"# + "\0", to: socket)
        #expect(read(from: socket, until: "\0") == "{\"parameters\":{\"bytes\":-1}}\0")
    }

    @Test func `a oneway call is served although its caller leaves at once`() throws {
        let server = try TestServer()
        do {
            let socket = try server.connect()
            write(#"{"method":"io.example.Test.Echo","oneway":true}"# + "\0", to: socket)
            write(#"{"method":"io.example.Test.Forget","oneway":true}"# + "\0", to: socket)
            write(#"{"method":"io.example.Test.Echo","oneway":true}"# + "\0", to: socket)
        }
        try wait { server.record.handled.load(ordering: .relaxed) >= 3 }
        #expect(server.record.handled.load(ordering: .relaxed) == 3)
    }

    @Test func `a caller that only stops writing still gets its answer`() throws {
        let server = try TestServer()
        let socket = try server.connect()
        write(#"{"method":"io.example.Test.Echo"}"# + "\0", to: socket)
        stopWriting(to: socket)
        #expect(read(from: socket) == "{\"parameters\":{\"bytes\":-1}}\0")
    }

    @Test func `a caller that stops writing is waited for while its call lasts, until it leaves`() throws {
        let server = try TestServer()
        do {
            let socket = try server.connect()
            write(#"{"method":"io.example.Test.Hang"}"# + "\0", to: socket)
            stopWriting(to: socket)
            try wait { server.record.calls.load(ordering: .relaxed) > 0 }
            try server.letTheLoopTurn()
            #expect(server.record.hangUps.load(ordering: .relaxed) == 0 && line(of: socket, within: .zero) == .open)
        }
        try wait { server.record.hangUps.load(ordering: .relaxed) > 0 }
        #expect(server.record.hangUps.load(ordering: .relaxed) == 1)
    }

    @Test func `a caller that stops writing waits for room like any other`() throws {
        var limits = VarlinkServer.Limits()
        limits.largeMessages = 1
        let server = try TestServer(limits: limits)
        let message = LargeCall(bytes: 75_000)
        let socket = try server.connect()
        do {
            let holder = try server.connect()
            write(message.half, to: holder)
            try server.letTheLoopTurn()
            write(message.whole, to: socket)
            stopWriting(to: socket)
            try server.letTheLoopTurn()
            #expect(line(of: socket, within: .zero) == .open)
        }
        #expect(read(from: socket) == message.answer)
    }

    @Test func `a forgotten call closes its connection`() throws {
        let server = try TestServer()
        let socket = try server.connect()
        write(#"{"method":"io.example.Test.Forget"}"# + "\0", to: socket)
        #expect(read(from: socket) == "")
    }

    @Test func `a call is never handled from inside the answer to another`() throws {
        let server = try TestServer()
        let socket = try server.connect()
        write(String(repeating: #"{"method":"io.example.Test.Later"}"# + "\0", count: 3), to: socket)
        let answer = "{\"parameters\":{\"isNested\":false}}\0"
        #expect(read(from: socket, until: answer + answer + answer) == answer + answer + answer)
    }

    @Test func `any number of calls sent together are answered in turn`() throws {
        let server = try TestServer()
        let socket = try server.connect()
        let count = 400
        let call =
            #"{"method":"org.varlink.service.GetInterfaceDescription","#
            + #""parameters":{"interface":"org.varlink.service"}}"# + "\0"
        write(String(repeating: call, count: count), to: socket)
        // More than the answers' limit and the kernel's buffer together: they wait until they are read.
        var (answers, chunk) = (0, [UInt8](repeating: 0, count: 65_536))
        while answers < count {
            let size = socket.withRaw { unsafe Glibc.read($0, &chunk, chunk.count) }
            guard size > 0 else { break }
            answers += chunk.prefix(size).count { $0 == 0 }
        }
        #expect(answers == count)
    }

    @Test(arguments: ["{]\0", "x\0", "\0", "{\"method\":\"\u{1}\"}\0", "{\"error\":\"a.B\"}\0"])
    func `a malformed message is answered and the connection closed`(text: String) throws {
        let server = try TestServer()
        let socket = try server.connect()
        write(text, to: socket)
        #expect(read(from: socket).hasPrefix(#"{"error":"org.varlink.service.InvalidParameter""#))
    }

    @Test func `a client that leaves is noticed while its call lasts`() throws {
        let server = try TestServer()
        do {
            let client = try server.connect()
            write(#"{"method":"io.example.Test.Hang"}"# + "\0", to: client)
            try wait { server.record.calls.load(ordering: .relaxed) > 0 }
        }
        try wait { server.record.hangUps.load(ordering: .relaxed) > 0 }
        #expect(server.record.hangUps.load(ordering: .relaxed) == 1)
    }

    @Test func `a missing service is told apart`() {
        #expect(throws: ClientFault.noService(path: "/nowhere/x.sock")) {
            _ = try VarlinkClient(connecting: "/nowhere/x.sock")
        }
    }
}
