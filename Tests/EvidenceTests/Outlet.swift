import Evidence
import Foundation
import Platform
import Ports

/// A device's state in a folder of its own, with a calendar clock that a test sets.
final class Outlet {
    let path: String
    let clock = SetClock()
    var limits = LogLimits()

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "evidence-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func state() throws(EvidenceFault) -> DeviceState { try DeviceState(path: path) }

    func commission() throws(EvidenceFault) { _ = try state().commission() }

    /// Opens the log as a start of the device does.
    func openLog(_ book: Book = .device) throws(EvidenceFault) -> EvidenceLog {
        try state().openLog(book, credential: nil, limits: limits, clock: clock)
    }

    /// Starts the device, records some receipts and lets it go.
    @discardableResult
    func record(_ count: Int, in book: Book = .device) throws(EvidenceFault) -> [EvidenceLog.Record] {
        var log = try openLog(book)
        var records: [EvidenceLog.Record] = []
        for number in 0..<count { records.append(try log.append(.sample("sale-\(number)"))) }
        return records
    }

    func audit(_ book: Book = .device, keyName: String? = nil, anchor: Head? = nil) throws(AuditFailure)
        -> LogAudit.Summary
    {
        try auditLog(at: folder(book), keyName: keyName, anchor: anchor)
    }

    func folder(_ book: Book = .device) -> String { book == .device ? "\(path)/log" : "\(path)/rehearsal" }

    // MARK: What an attacker or a bad disk does

    var segments: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder())) ?? []
        return names.filter { $0.hasSuffix(".log") }.sorted().map { "\(folder())/\($0)" }
    }

    /// Changes the lines of the first segment.
    func rewrite(_ change: (inout [Substring]) -> Void) throws {
        let text = try String(contentsOfFile: segments[0], encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        change(&lines)
        try lines.map { $0 + "\n" }.joined().write(toFile: segments[0], atomically: false, encoding: .utf8)
    }

    func append(_ text: String) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: segments.last ?? ""))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}

/// A calendar clock that stands where a test puts it.
final class SetClock: WallClock {
    private let time = Monitor(WallTime(seconds: 1_800_000_000, isSynchronised: true))

    func now() -> WallTime { time.update { $0 } }

    func set(_ seconds: Int64, isSynchronised: Bool = true) {
        time.update { $0 = WallTime(seconds: seconds, isSynchronised: isSynchronised) }
    }

    func advance(days: Int) {
        time.update { $0 = WallTime(seconds: $0.seconds + Int64(days) * 86_400, isSynchronised: $0.isSynchronised) }
    }
}

extension ReceiptClaims {
    static func sample(_ transaction: String, source: CaptureSource = .camera) -> ReceiptClaims {
        ReceiptClaims(
            transaction: transaction, nonce: "AAECAwQFBgcICQoLDA0ODw", purpose: "number activation",
            consent: .init(noticeVersion: "3", givenAt: "2027-01-15T08:00:00Z", method: "onScreen"),
            policy: .init(name: "default", digest: "p"), verdict: "verified", reasons: [],
            challenge: [.init(instruction: "turnLeft", responded: true)], layers: ["challengeResponse": "passed"],
            source: source, thresholdSet: "dlib", portraitBinding: "b", models: "m", firmware: "f", retained: [],
            sealedTemplate: false, durationMilliseconds: 4200)
    }
}
