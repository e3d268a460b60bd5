import Foundation
import Interface
import Platform
import Ports
import Support
import Testing
import Varlink

/// What the daemon, as a process of its own, leaves outside of its locked memory.
@Suite(.serialized, .needsPack) struct PrivacyTests {
    /// Stands in no file of this repository as it is planted.
    private static let markComplement = (0..<48).map { ~UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    private static let mark = Data(markComplement.map { ~$0 })
    private static let transaction = "transaction-of-the-privacy-test"

    /// Begins a verification and goes on until the challenge, when frames, portrait and templates are held.
    private func verifyUntilChallenge(_ daemon: RunningDaemon) throws -> VarlinkClient {
        var request = CounterHarness.request
        request.transaction = Self.transaction
        let portrait = try RunningDaemon.documentPortrait(markComplement: Self.markComplement)
        let parameters = String(decoding: WireCoding.encode(Counter.VerifyInput(request: request)), as: UTF8.self)
        var client = try VarlinkClient(connecting: daemon.socket)
        let message = secretCall(
            "io.portraitd.Counter.Verify", parameters: parameters, name: "portrait", secret: portrait, more: true)
        if let message { try client.send(message: message, within: .seconds(30)) }
        _ = try CounterHarness.follow(&client) { $0.stage == .challenging }
        return client
    }

    @Test func `a forced core dump holds nothing of the portrait`() throws {
        guard geteuid() == 0, FileManager.default.isExecutableFile(atPath: "/usr/bin/gcore") else {
            try Test.cancel("gcore is not installed, or this is not root")
        }
        let daemon = try RunningDaemon("device/scenarios/no-response.conf", markComplement: Self.markComplement)
        let client = try verifyUntilChallenge(daemon)
        let place = daemon.folder.appending(path: "core")
        let ending = try Program.run(["/usr/bin/gcore", "-o", place.path, "\(daemon.processIdentifier)"])
        let core = try Data(
            contentsOf: URL(filePath: "\(place.path).\(daemon.processIdentifier)"), options: .alwaysMapped)
        #expect(core.range(of: Data(Self.transaction.utf8)) != nil, "the dump holds no heap: \(ending.errors)")
        #expect(core.range(of: Self.mark) == nil)
        _ = consume client
    }

    @Test func `a crash leaves no core dump`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let limits = try String(contentsOfFile: "/proc/\(daemon.processIdentifier)/limits", encoding: .utf8)
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(core?.split(separator: " ").dropFirst(4).prefix(2).allSatisfy { $0 == "0" } == true)
        daemon.signal(SIGABRT)
        #expect(try daemon.ending().reason == .uncaughtSignal)
        let left = try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path)
        #expect(!left.contains { $0.hasPrefix("core") })
    }

    @Test func `no file is open for writing but the log and the state, and no socket but AF_UNIX`() throws {
        let daemon = try RunningDaemon("device/scenarios/no-response.conf")
        let client = try verifyUntilChallenge(daemon)
        let folder = "/proc/\(daemon.processIdentifier)"
        var written: [String] = []
        for descriptor in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/fd") {
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/fd/\(descriptor)")
            let information = try String(contentsOfFile: "\(folder)/fdinfo/\(descriptor)", encoding: .utf8)
            let flags = information.split(separator: "\n").first { $0.hasPrefix("flags:") }?.split(separator: "\t").last
            let isWritable = Int(flags ?? "", radix: 8).map { $0 & 3 != 0 } ?? true
            // Standard streams belong to whoever starts the daemon.
            let isFile = target.hasPrefix("/") && !target.hasPrefix("/dev/") && !"012".contains(descriptor)
            if isFile && isWritable { written.append(target) }
        }
        #expect(!written.isEmpty && written.allSatisfy { $0.hasPrefix(daemon.state) }, "\(written)")
        let status = try String(contentsOfFile: "\(folder)/status", encoding: .utf8)
        #expect(status.contains("Seccomp:\t2") && status.contains("NoNewPrivs:\t1"))
        _ = consume client
    }

    @Test func `neither journal nor any file tells of the person`() throws {
        let daemon = try RunningDaemon("device/scenarios/impostor.conf", markComplement: Self.markComplement)
        var client = try verifyUntilChallenge(daemon)
        _ = try CounterHarness.follow(&client)
        try wait { daemon.log.contains("verification-ended") }
        let log = daemon.log
        let portrait = try Data(contentsOf: URL(filePath: daemon.portrait))
        let digest = Digest(of: Array(portrait))
        for secret in [
            Self.transaction, CounterHarness.request.nonce, digest.description, Base64URL.string(digest.bytes),
        ] {
            #expect(!log.contains(secret))
        }
        let files = FileManager.default.enumerator(atPath: daemon.folder.path)?.compactMap { $0 as? String } ?? []
        #expect(files.contains { $0.hasSuffix(".log") })
        for file in files where file != "portrait.jpg" {
            let path = daemon.folder.appending(path: file)
            guard let content = try? Data(contentsOf: path) else { continue }
            #expect(content.range(of: Self.mark) == nil, "\(file)")
            #expect(content.range(of: Data(digest.bytes)) == nil, "\(file)")
            #expect(content.range(of: Data(Base64URL.string(digest.bytes).utf8)) == nil, "\(file)")
        }
        #expect(
            Set(files.map { $0.prefix { $0 != "/" } }) == ["portrait.jpg", "state", "counter.sock", "service.sock"])
    }
}
