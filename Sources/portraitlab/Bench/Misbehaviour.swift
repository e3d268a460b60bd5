import Glibc
import Platform

/// How a program on the same machine may try to break the service through its socket.
enum Misbehaviour: String, CaseIterable {
    /// Small calls, one after another.
    case flood
    /// A message that grows by one byte a second.
    case slowLoris
    /// Half of the largest message, then silence.
    case halfMessages
    /// One message of 1 GiB.
    case endlessMessage
    /// Connections without a word, more than the server has places for.
    case connectStorm
    case deepJSON
    case badUTF8
    /// Calls that are sent without ever reading an answer.
    case pipeline
}

/// Misbehaves at a socket until standard input ends.
func misbehave(_ words: [String]) throws {
    guard words.count == 2, let misbehaviour = Misbehaviour(rawValue: words[0]) else {
        throw LabFault.usage("misbehave needs a kind and a socket")
    }
    setpriority(CInt(PRIO_PROCESS.rawValue), 0, 19)
    let end = StopFlag()
    let leash = try WorkerThread(name: "leash") {
        var byte: UInt8 = 0
        while unsafe read(STDIN_FILENO, &byte, 1) > 0 {}
        end.raise()
        // The client may hang in a system call.
        kill(getpid(), SIGKILL)
    }
    while !end.isRaised {
        do throws(Errno) { try misbehaviour.play(at: words[1]) } catch { usleep(1000) }
    }
    leash.join()
}

extension Misbehaviour {
    private static let call = Array(#"{"method":"io.portraitd.Device.GetStatus"}"#.utf8) + [0]

    /// Returns when the server hangs up, or when this program has no more descriptors.
    func play(at path: String) throws(Errno) {
        if self == .connectStorm { return try storm(at: path) }
        let socket = try UnixSocket.connect(to: path)
        switch self {
        case .flood: while send(Self.call, to: socket), hear(socket) {}
        case .slowLoris: while send([UInt8(ascii: "{")], to: socket) { sleep(1) }
        case .halfMessages: sendAndHear(Array(repeating: UInt8(ascii: " "), count: 700_000), socket)
        case .endlessMessage:
            let piece = [UInt8](repeating: UInt8(ascii: " "), count: 65_536)
            var left = (1 << 30) / piece.count
            while left > 0, send(piece, to: socket) { left -= 1 }
        case .connectStorm: break
        case .deepJSON:
            let levels = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
            sendAndHear(Array(#"{"method":"a.B","parameters":"#.utf8) + levels + [0], socket)
        case .badUTF8:
            sendAndHear(Array(#"{"method":"a."#.utf8) + [0xC0, 0xAF, 0xFF] + Array("\"}".utf8) + [0], socket)
        case .pipeline: while send(Self.call, to: socket) {}
        }
    }

    private func storm(at path: String) throws(Errno) {
        var held: [OwnedConnection] = []
        for _ in 0..<32 {
            held.append(OwnedConnection(try UnixSocket.connect(to: path)))
        }
    }

    private func sendAndHear(_ message: [UInt8], _ socket: borrowing OwnedDescriptor) {
        if send(message, to: socket) { while hear(socket) {} }
    }

    /// Sends all; `false` when the server has hung up.
    private func send(_ bytes: [UInt8], to socket: borrowing OwnedDescriptor) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = socket.withRaw { raw in
                unsafe bytes.withUnsafeBytes {
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: $0[sent...])
                    return unsafe Glibc.send(raw, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                }
            }
            if count > 0 { sent += count } else if count == 0 || ![EAGAIN, EINTR].contains(errno) { return false }
        }
        return true
    }

    /// Waits for some bytes; `false` when the server has hung up.
    private func hear(_ socket: borrowing OwnedDescriptor) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        return socket.withRaw { raw in unsafe read(raw, &chunk, chunk.count) } > 0
    }
}

private final class OwnedConnection {
    private let socket: OwnedDescriptor
    init(_ socket: consuming OwnedDescriptor) { self.socket = socket }
}
