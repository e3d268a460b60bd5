import Glibc
import Interface
import Platform
import Varlink

/// What a hostile service sends to a client.
struct ClientTarget: FuzzTarget {
    static let name = "varlink-client"
    static let longest = 64 << 10
    private let folder: ScratchFolder
    private let path: String
    private let listener: Listener

    private final class Listener {
        let socket: OwnedDescriptor

        init(at path: String) throws { self.socket = try UnixSocket.listen(at: path, mode: 0o600) }
    }

    static var seeds: [[UInt8]] {
        [
            #"{"parameters":{"progress":{"stage":"framing"}},"continues":true}"# + "\0" + #"{"parameters":{}}"# + "\0",
            #"{"error":"io.portraitd.Counter.Busy","parameters":{"problem":"p","remedy":"r"}}"# + "\0",
        ].map { Array($0.utf8) }
    }

    init() throws {
        self.folder = try ScratchFolder()
        self.path = folder.place("socket")
        self.listener = try Listener(at: path)
    }

    func run(_ bytes: [UInt8]) {
        do throws(ClientFault) {
            var client = try VarlinkClient(connecting: path)
            serve(bytes)
            while true {
                let reply = try client.receive(within: .seconds(5))
                _ = try? WireCoding.decode(Counter.VerifyOutput.self, from: reply.parameters)
            }
        } catch {
            switch error {
            case .closed, .wire: precondition(!error.description.isEmpty, "a fault says what is wrong")
            case .noService, .permissionDenied, .timedOut, .system: preconditionFailure("\(error)")
            }
        }
    }

    /// Sends all to the client that waits, and leaves.
    private func serve(_ bytes: [UInt8]) {
        guard let socket = try? UnixSocket.accept(from: listener.socket) else { fatalError("no client came") }
        let count = socket.withRaw { unsafe Glibc.send($0, bytes, bytes.count, CInt(MSG_NOSIGNAL)) }
        precondition(count == bytes.count, "the longest input fits into a socket")
    }
}
