import Glibc
import Platform
import Varlink

/// What a hostile client sends to a server, in chunks whose size the first byte tells.
final class ServerTarget: FuzzTarget {
    static let name = "varlink-server"
    static let longest = 64 << 10

    private static let text = """
        interface io.portraitd.Fuzz
        method Echo() -> ()
        method Stream() -> ()
        method Fail() -> ()
        method Forget() -> ()
        method Hold() -> ()
        """

    private let folder: ScratchFolder
    private let path: String
    private let loop: EventLoop
    private let server: VarlinkServer
    private let held = Held()

    /// The call that is never answered.
    private final class Held { var call: Call? }

    static var seeds: [[UInt8]] {
        let calls = ["Echo", "Stream", "Fail", "Forget", "Hold", "Missing"].map { method in
            #"{"method":"io.portraitd.Fuzz.\#(method)","parameters":{"request":{"portrait":"/9j/2Q==","x":[1]}},"more":true}"#
        }
        let questions = [
            #"{"method":"org.varlink.service.GetInfo"}"#,
            #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"io.portraitd.Fuzz"}}"#,
            #"{"method":"io.portraitd.Fuzz.Echo","oneway":true,"upgrade":false}"#,
        ]
        return [large]
            + (calls + questions + [calls.joined(separator: "\0"), questions.joined(separator: "\0")]).map {
                [31] + Array($0.utf8) + [0]
            }
    }

    /// A message that needs more than a connection's own buffer.
    private static var large: [UInt8] {
        let portrait = String(repeating: "/9j/", count: 4 << 10)
        let call = #"{"method":"io.portraitd.Fuzz.Echo","parameters":{"request":{"portrait":"\#(portrait)"}}}"#
        return [255] + Array(call.utf8) + [0]
    }

    init() throws {
        self.folder = try ScratchFolder()
        self.path = folder.place("socket")
        // Clients need not be patient where there is nothing else to do.
        self.loop = try EventLoop(patientShare: 1)
        var limits = VarlinkServer.Limits()
        (limits.messageSize, limits.textSize) = (24 << 10, 2 << 10)
        limits.outputSize = 16 << 10
        self.server = VarlinkServer(
            loop: loop, identity: .init(vendor: "v", product: "p\"", version: "1", url: "https://example.org"),
            interfaces: [try InterfaceDescription(text: Self.text)], secretPath: MessageTarget.secretPath,
            limits: limits
        ) { [held] in Self.answer($0, held) }
        try server.serve(UnixSocket.listen(at: path, mode: 0o600))
        // The server keeps what the first large message was received into.
        run(Self.large)
    }

    private static func answer(_ call: Call, _ held: Held) {
        _ = call.takeSecret()
        switch call.method.split(separator: ".").last {
        case "Echo": call.reply(call.parameters)
        case "Stream":
            for _ in 0..<3 { call.replyContinuing(call.parameters) }
            call.reply(call.parameters)
        case "Fail": call.failInvalidParameter(call.method)
        case "Hold":
            held.call = call
            call.onHangUp = { held.call = nil }
        case .some, .none: break
        }
    }

    func run(_ bytes: [UInt8]) {
        var reader = InputReader(bytes)
        let chunk = max(1 + Int(reader.integer(UInt8.self)), bytes.count / 64)
        do throws(Errno) {
            let client = try HostileClient(path: path, sends: Array(reader.rest), chunk: chunk, on: loop) { [held] in
                held.call != nil
            }
            try client.talk()
        } catch { fatalError("\(error)") }
        held.call = nil
    }
}
