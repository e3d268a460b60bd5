import Evidence
import Foundation
import Platform
import Ports
import Testing

/// A commissioned device that has signed one receipt.
private final class SigningDevice {
    let key: JSONWebKey
    let receipt: String
    private let folder: URL

    static let nonce = (0..<16).map { UInt8($0) }
    static let portrait = Array("a picture".utf8)

    init(source: CaptureSource = .camera) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "device-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let state = try DeviceState(path: folder.path)
        _ = try state.commission()
        var log = try state.openLog(
            Book(for: source), credential: nil, limits: LogLimits(), clock: SystemWallClock())
        receipt = try log.append(Self.claims(source)).text
        key = JSONWebKey(log.publicKey)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes the public key as an operator notes it, and returns its path.
    func keyFile() throws -> String {
        let file = folder.appending(path: "device.jwk")
        try JSONEncoder().encode(key).write(to: file)
        return file.path
    }

    /// Writes what the command that commissions it gives out, and returns its path.
    func identityFile() throws -> String {
        let file = folder.appending(path: "identity.json").path
        let program = Repository.programs.appending(path: "portraitctl").path
        let ending = try Program.run([program, "--state", folder.path, "--output", file, "commission"])
        #expect(ending.status == 0, "\(ending.errors)")
        return file
    }

    /// Writes the backend's own copy of the portrait, and returns its path.
    func portraitFile(_ portrait: [UInt8]) throws -> String {
        let file = folder.appending(path: "portrait.jpg")
        try Data(portrait).write(to: file)
        return file.path
    }

    private static func claims(_ source: CaptureSource) -> ReceiptClaims {
        let both = unsafe Digest(of: nonce.span.bytes).bytes + Digest(of: portrait.span.bytes).bytes
        return ReceiptClaims(
            transaction: "sale-\u{E4}1", nonce: Base64URL.string(nonce), purpose: #"a "source":"camera" of \ its own"#,
            consent: .init(noticeVersion: "3", givenAt: "2027-01-15T08:00:00Z", method: "onScreen"),
            policy: .init(name: "default", digest: "p"), verdict: "verified", reasons: [],
            challenge: [.init(instruction: "turnLeft", responded: true)], layers: ["challengeResponse": "passed"],
            source: source, thresholdSet: "dlib",
            portraitBinding: unsafe Base64URL.string(Digest(of: both.span.bytes).bytes),
            models: "m", firmware: "f", retained: [], sealedTemplate: false, durationMilliseconds: 4200)
    }
}

@Suite(.needsPythonPackages) struct ReceiptCheckTests {
    /// What a backend knows, and the receipt that it was handed.
    private struct Case {
        var receipt: String
        var transaction = "sale-\u{E4}1"
        var nonce = Base64URL.string(SigningDevice.nonce)
        var portrait = SigningDevice.portrait
    }

    private func check(
        _ language: ClientLanguage, _ device: SigningDevice, keyFile: String? = nil,
        _ change: (inout Case) -> Void = { _ in }
    ) throws -> Program.Ending {
        var facts = Case(receipt: device.receipt)
        change(&facts)
        let key = try keyFile ?? device.keyFile()
        let words = [key, facts.transaction, facts.nonce, try device.portraitFile(facts.portrait)]
        return try Program.run(try language.checkReceipt() + words, input: facts.receipt + "\n")
    }

    @Test(arguments: ClientLanguage.allCases) func `a receipt is accepted`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        let ending = try check(language, try SigningDevice())
        #expect(ending.output == "verdict: verified\n", "\(ending.errors)")
        #expect(ending.status == 0)
    }

    @Test(arguments: ClientLanguage.allCases)
    func `what commissioning gives out is taken as it is`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        let (device, other) = (try SigningDevice(), try SigningDevice())
        let ending = try check(language, device, keyFile: device.identityFile())
        #expect(ending.status == 0 && ending.output == "verdict: verified\n", "\(ending.errors)")
        let foreign = try check(language, device, keyFile: other.identityFile())
        #expect(foreign.status == 1 && foreign.errors == "refused: it is no receipt of this device\n")
    }

    @Test(arguments: ClientLanguage.allCases, 0...2)
    func `a receipt with a changed byte is refused`(language: ClientLanguage, part: Int) throws {
        try language.skipUnlessInstalled()
        let ending = try check(language, try SigningDevice()) { facts in
            var parts = facts.receipt.split(separator: ".").map { Array($0.utf8) }
            let middle = parts[part].count / 2
            parts[part][middle] = parts[part][middle] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            facts.receipt = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
        }
        #expect(ending.status == 1)
        #expect(ending.errors.hasPrefix("refused: "), "\(ending.errors)")
    }

    @Test(arguments: ClientLanguage.allCases, ["transaction", "nonce", "portrait"])
    func `a receipt of another sale or portrait is refused`(language: ClientLanguage, what: String) throws {
        try language.skipUnlessInstalled()
        let ending = try check(language, try SigningDevice()) { facts in
            switch what {
            case "transaction": facts.transaction = "sale-2"
            case "nonce": facts.nonce = "AAAAAAAAAAAAAAAAAAAAAA"
            default: facts.portrait = Array("another picture".utf8)
            }
        }
        #expect(ending.status == 1)
        #expect(ending.errors.hasPrefix("refused: \(what)"), "\(ending.errors)")
    }

    @Test(arguments: ClientLanguage.allCases)
    func `a receipt of another device or of no camera is refused`(language: ClientLanguage) throws {
        try language.skipUnlessInstalled()
        let (device, other) = (try SigningDevice(), try SigningDevice())
        let foreign = try check(language, device) { $0.receipt = other.receipt }
        #expect(foreign.status == 1 && foreign.errors == "refused: it is no receipt of this device\n")
        let rehearsal = try check(language, try SigningDevice(source: .simulator))
        #expect(rehearsal.status == 1 && rehearsal.errors == "refused: it is no receipt of this device\n")
    }
}
