import Evidence
import Foundation
import Glibc
import Platform
import Ports

/// Measures what a receipt costs, and how fast a log is checked beside the signatures alone.
func benchEvidence(_ printer: FigurePrinter) throws {
    let folder = try TemporaryFolder()
    let keeper = try EvidenceKeeper(
        .init(path: folder.path + "/state", credential: nil, limits: LogLimits(), clock: SystemWallClock()))
    var appends: [Double] = []
    for number in 0..<2000 {
        let start = Timestamp.now()
        _ = try keeper.record(.sample(number))
        appends.append((Timestamp.now() - start).seconds * 1000)
    }
    try printer.show(Figure("receipt signed, appended and synced", unit: "ms wall", appends))
    let log = folder.path + "/state/rehearsal"
    try compareAudit(log, printer)
    try measureMemory(of: log, printer)
}

/// Both ways in turns, over the same records.
private func compareAudit(_ log: String, _ printer: FigurePrinter) throws {
    let signatures = try Signatures(of: log)
    var (rates, alone, ratios) = ([Double](), [Double](), [Double]())
    for _ in 0..<5 {
        let bare = measured { signatures.verifyAll() }
        let audit = try measured { _ = try auditLog(at: log, keyName: nil, anchor: nil) }
        alone.append(Double(signatures.count) / bare * 1000)
        rates.append(Double(signatures.count) / audit * 1000)
        ratios.append(bare / audit)
    }
    try printer.show(Figure("log checked", unit: "records/s", rates))
    try printer.show(Figure("libsodium alone, the same signatures", unit: "records/s", alone))
    try printer.show(Figure("log checked, share of libsodium's rate", unit: "of 1", ratios))
}

/// The peak of this process while logs of different sizes are checked.
private func measureMemory(of log: String, _ printer: FigurePrinter) throws {
    func peak() -> Double {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
    _ = try auditLog(at: log, keyName: nil, anchor: nil)
    let before = peak()
    for _ in 0..<5 { _ = try auditLog(at: log, keyName: nil, anchor: nil) }
    let size = try FileManager.default.contentsOfDirectory(atPath: log).reduce(0) { sum, name in
        sum + (try FileManager.default.attributesOfItem(atPath: "\(log)/\(name)")[.size] as? Int ?? 0)
    }
    try printer.show(
        Figure(
            "memory grown while 5 logs are checked", unit: "MiB", exactly: peak() - before,
            note: "of \(size >> 10) KiB each"))
}

/// All signed texts of a log with their signatures, taken apart before the clock runs.
private struct Signatures {
    private var items: [(text: [UInt8], signature: [UInt8])] = []
    private var key: PublicKey?

    var count: Int { items.count }

    init(of log: String) throws {
        var reader = try LogReader(path: log)
        var items: [(text: [UInt8], signature: [UInt8])] = []
        var key: PublicKey?
        _ = try reader.forEachLine { line throws(EvidenceFault) in
            let text = unsafe line.withUnsafeBufferPointer { unsafe Array($0) }
            guard let point = text.lastIndex(of: UInt8(ascii: ".")) else { return }
            let signature = Base64URL.decode(String(decoding: text[(point + 1)...], as: UTF8.self)) ?? []
            items.append((Array(text[..<point]), signature))
            var parts = JSONWebSignatureReader()
            if key == nil, parts.readUnchecked(line) {
                key = Statement<CheckpointClaims>(json: parts.claims)?.content.key.publicKey
            }
        } failing: {
            $0
        }
        (self.items, self.key) = (items, key)
    }

    func verifyAll() {
        for item in items {
            precondition(key?.verifies(item.signature, of: item.text.span) == true, "the log's own signatures fit")
        }
    }
}

extension ReceiptClaims {
    /// A receipt of usual size.
    static func sample(_ number: Int) -> ReceiptClaims {
        let hash = String(repeating: "h", count: 43)
        return ReceiptClaims(
            transaction: "sale-\(number)", nonce: String(repeating: "n", count: 43), purpose: "number activation",
            consent: .init(noticeVersion: "3", givenAt: "2026-01-01T00:00:00Z", method: "onScreen"),
            policy: .init(name: "default", digest: hash), verdict: "verified", reasons: [],
            challenge: ["turnLeft", "turnRight", "blink"].map { .init(instruction: $0, responded: true) },
            layers: [
                "challengeResponse": "passed", "depth": "notChecked", "light": "notChecked",
                "surface": "notChecked", "continuity": "passed", "injection": "notChecked",
            ],
            source: .simulator, thresholdSet: "default", portraitBinding: hash, models: hash, firmware: hash,
            retained: [], sealedTemplate: false, durationMilliseconds: 5000)
    }
}
