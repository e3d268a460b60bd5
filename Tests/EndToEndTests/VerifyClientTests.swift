import Foundation
import Interface
import Platform
import Support
import Testing

@Suite(.serialized, .needsPack) struct VerifyClientTests {
    private static let nonce = "AAAAAAAAAAAAAAAAAAAAAA"

    private func words(_ language: ClientLanguage, at socket: String, _ portrait: String) throws -> [String] {
        try language.verify() + [socket, portrait, "sale \u{201C}1\u{201D}", Self.nonce]
    }

    @Test(arguments: ClientLanguage.allCases)
    func `a client tells the customer what to do and prints the verdict`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        // The client is what is tested; a machine with other work is too slow for the light challenge.
        let rules = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString).conf")
        try Data("[Policy default]\nLight=no\n".utf8).write(to: rules)
        defer { try? FileManager.default.removeItem(at: rules) }
        let daemon = try RunningDaemon(
            "device/scenarios/stands-too-far.conf", arguments: ["--configuration", rules.path])
        let ending = try Program.run(try words(language, at: daemon.socket, daemon.portrait))
        #expect(ending.status == 0, "\(ending.errors)")
        let lines = ending.output.split(separator: "\n")
        #expect(lines.contains("Please come closer."))
        #expect(lines.contains { $0.hasPrefix("Please turn your head") || $0 == "Please raise your chin." })
        #expect(lines.contains("verdict: verified - Thank you, you are verified."))
        #expect(lines.last?.hasPrefix("receipt: ") == true)
        #expect(zip(lines, lines.dropFirst()).allSatisfy { $0 != $1 }, "a sentence is repeated")
    }

    @Test(arguments: ClientLanguage.allCases)
    func `a client says what is wrong and what to do`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        let daemon = try RunningDaemon("device/scenarios/camera-missing.conf")
        let ending = try Program.run(try words(language, at: daemon.socket, daemon.portrait))
        #expect(ending.status == 2)
        #expect(ending.errors.hasPrefix("io.portraitd.Counter.CameraUnavailable No camera answers at simulator. Check"))
    }

    @Test(arguments: ClientLanguage.allCases)
    func `ctrl-C cancels`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        // Whoever runs the tests may ignore the signal, and programs inherit that.
        let program = try Program(
            ["/usr/bin/env", "--default-signal=INT"] + (try words(language, at: daemon.socket, daemon.portrait)))
        #expect(program.firstOutput().hasPrefix("Please"))
        program.interrupt()
        #expect(program.ending().status == 130)
        try wait { try !CounterHarness.status(at: daemon.socket).isBusy }
        #expect(try CounterHarness.status(at: daemon.socket).verifications == 1)
    }

    @Test(arguments: ClientLanguage.allCases, [1, 7, 65536])
    func `replies are read however they are cut`(language: ClientLanguage, pieceByteCount: Int) throws {
        try language.skipUnlessInstalled()
        let progress = """
            {"parameters":{"progress":{"stage":"seeking","advice":["\u{5C3D}"],"remainingMilliseconds":1}},\
            "continues":true}
            """
        let error = """
            {"error":"io.portraitd.Counter.NotReady","parameters":{"problem":"Zuf\u{E4}llig \\"\u{4EBA}\u{8138}\\" \\u00e4",\
            "remedy":"Warte."}}
            """
        let server = try ScriptedServer(progress + "\0" + progress + "\0" + error + "\0", pieceByteCount)
        let ending = try Program.run(try words(language, at: server.path, #filePath))
        #expect(ending.output == "Please wait.\n")
        #expect(
            ending.errors
                == "io.portraitd.Counter.NotReady Zuf\u{E4}llig \"\u{4EBA}\u{8138}\" \u{E4} Warte.\n")
        #expect(ending.status == 2)
    }

    @Test(arguments: ClientLanguage.allCases)
    func `a reply without end is not read for ever`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        let server = try ScriptedServer(String(repeating: "x", count: 3 << 20), 65536)
        let ending = try Program.run(try words(language, at: server.path, #filePath))
        #expect(ending.status == 2)
        #expect(ending.errors == "the reply is too long\n")
    }

    @Test(arguments: [ClientLanguage.python, .node])
    func `a client speaks Chinese where the locale does`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        let reply =
            #"{"parameters":{"progress":{"stage":"seeking","advice":["moveCloser"],"remainingMilliseconds":1}}}"#
        let server = try ScriptedServer(reply + "\0", 65536)
        let ending = try Program.run(try words(language, at: server.path, #filePath), locale: "zh_CN.UTF-8")
        #expect(ending.output.hasPrefix("\u{8BF7}\u{9760}\u{8FD1}\u{4E00}\u{4E9B}"))
    }

    @Test(arguments: [
        "verify.py", "verify.js", "Verify.java", "check_receipt.py", "checkReceipt.js", "CheckReceipt.java",
    ])
    func `a sample stays below 80 lines`(name: String) throws {
        let lines = try Repository.text("device/clients/\(name)").split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 80 && lines.allSatisfy { $0.count <= 120 })
    }
}

/// Answers the first caller with the same bytes, in pieces, then hangs up.
private final class ScriptedServer {
    let path: String
    private let thread: WorkerThread

    init(_ text: String, _ pieceByteCount: Int) throws {
        let path = NSTemporaryDirectory() + "script-\(UUID().uuidString).sock"
        self.path = path
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isBound = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(listener, $0, size) }
        }
        guard isBound == 0, listen(listener, 1) == 0 else { throw Errno.current }
        let bytes = Array(text.utf8)
        let body: @Sendable () -> Void = {
            let caller = accept(listener, nil, nil)
            // The whole request first, so that closing does not reset the connection.
            var byte: UInt8 = 1
            while unsafe byte != 0 && read(caller, &byte, 1) == 1 {}
            for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
                let piece = Array(bytes[start..<min(start + pieceByteCount, bytes.count)])
                guard unsafe send(caller, piece, piece.count, Int32(MSG_NOSIGNAL)) > 0 else { break }
            }
            close(caller)
            close(listener)
        }
        self.thread = try WorkerThread(name: "script", body)
    }

    deinit { _ = unsafe unlink(path) }
}
