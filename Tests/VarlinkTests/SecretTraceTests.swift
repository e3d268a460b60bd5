import Glibc
import Platform
import Support
import Testing
import Varlink

@Suite struct SecretTraceTests {
    private let start = #"{"method":"io.example.Test.Echo","parameters":{"request":{"portrait":""#

    /// 48 random bytes, kept as their complement, so that they stand nowhere but where they leaked.
    private let hidden = (0..<48).map { _ in UInt8.random(in: 0...255) }

    /// 0 copies of the secret, decoded or in base64.
    private func expectNoTrace() {
        #expect(memoryHolds(complementOf: hidden) == 0)
        #expect(memoryHolds(complementOf: SecureMessage.base64Complement(hidden)) == 0)
    }

    @Test(arguments: [0, 30_000]) func `nothing of a served secret stays in memory`(fillerCount: Int) throws {
        let server = try TestServer()
        do {
            let socket = try server.connect()
            let message = SecureMessage(start, complement: hidden, fillerCount: fillerCount, end: "\"}}}\0")
            message.send(to: socket)
            #expect(read(from: socket, until: "\0").contains("\"bytes\":\(48 + fillerCount / 4 * 3)}"))
            let isFindable = message.holdsSecret(hidden)
            #expect(isFindable)
        }
        expectNoTrace()
    }

    @Test(arguments: [
        "!\"}}}\0", "\",\"portrait\":\"\"}}}\0", "\"}}\0", "\"}}}x\0",
    ]) func `nothing of a refused secret stays in memory`(end: String) throws {
        let server = try TestServer()
        do {
            let socket = try server.connect()
            SecureMessage(start, complement: hidden, fillerCount: 30_000, end: end).send(to: socket)
            #expect(read(from: socket).contains("InvalidParameter"))
        }
        expectNoTrace()
    }

    @Test(arguments: [
        #"{"method":"io.example.Test.Echo","parameters":{"request":{"portrait":[""#,
        #"{"method":"io.example.Test.Echo","parameters":{"request":{"portrait":{""#,
        #"{"method":"io.example.Test.Echo","parameters":{"picture":{"portrait":""#,
        #"{"method":"io.example.Test.Echo","parameters":{""#, #"{""#, "\"",
    ]) func `nothing of a secret in the wrong place stays in memory`(start: String) throws {
        let server = try TestServer()
        do {
            let socket = try server.connect()
            SecureMessage(start, complement: hidden, fillerCount: 100_000, end: "\"]}}}\0").send(to: socket)
            #expect(read(from: socket).contains("InvalidParameter"))
        }
        expectNoTrace()
    }

    @Test func `nothing of a half message stays in memory once its client has left`() throws {
        let server = try TestServer()
        do {
            let socket = try server.connect()
            SecureMessage(start, complement: hidden, fillerCount: 30_000, end: "").send(to: socket)
        }
        // The next client is served after the loop has seen the first one leave.
        let socket = try server.connect()
        write(#"{"method":"io.example.Test.Echo"}"# + "\0", to: socket)
        _ = read(from: socket, until: "\0")
        expectNoTrace()
    }
}

/// Builds and sends a message whose secret is whole in secure memory only.
private struct SecureMessage: ~Copyable {
    private var bytes: SecureBytes
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    init(_ start: String, complement: [UInt8], fillerCount: Int, end: String) {
        let head = Array(start.utf8)
        let tail = [UInt8](repeating: UInt8(ascii: "A"), count: fillerCount) + Array(end.utf8)
        self.bytes = SecureBytes(count: head.count + complement.count / 3 * 4 + tail.count, holding: .frames)
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
                socket.withRaw { raw in
                    _ = unsafe Glibc.send(raw, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
                }
            }
        }
    }

    /// Proves that the search finds what is there.
    borrowing func holdsSecret(_ hidden: [UInt8]) -> Bool {
        memoryHolds(complementOf: Self.base64Complement(hidden)) > 0
    }
}
