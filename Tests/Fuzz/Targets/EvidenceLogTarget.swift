import Evidence
import Platform

/// An evidence log, also one that somebody has signed with a key of their own.
///
/// Each line of the input is a record. One that begins with c, r or t is signed as checkpoint, receipt or rehearsal;
/// in its claims `$` stands for the hash of the record before. Any other line is the record itself.
struct EvidenceLogTarget: FuzzTarget {
    static let name = "evidence-log"
    static let longest = 16 << 10
    private static let previous = UInt8(ascii: "$")
    private let folder: ScratchFolder

    static var seeds: [[UInt8]] {
        let name = JSONWebKey(makeKey().publicKey)
        let key = #"{"crv":"Ed25519","kid":"\#(name.kid)","kty":"OKP","x":"\#(name.x)"}"#
        func claims(_ content: String, _ sequence: String) -> String {
            #"{"boot":"b",\#(content)"device":"d","isClockSynchronised":true,"issuedAt":"2027-01-15T08:00:00Z","#
                + #""previous":"$","sequence":\#(sequence)}"#
        }
        func checkpoint(_ book: String, _ reason: String, _ sequence: String) -> String {
            "c" + claims(#""book":"\#(book)","key":\#(key),"nextKey":\#(key),"reason":"\#(reason)","#, sequence)
        }
        let device = [
            checkpoint("device", "commissioned", "1"), "r" + claims("", "2"), checkpoint("device", "keyRotated", "3"),
            "r" + claims("", "4"),
        ]
        let rehearsal = [
            checkpoint("rehearsal", "keyThrownAway", "7"), "t" + claims("", "8"),
            checkpoint("rehearsal", "keyThrownAway", "9"),
        ]
        let long = [checkpoint("device", "turnedOver", "9223372036854775806"), "r" + claims("", "9223372036854775807")]
        return [device, rehearsal, long].map { Array($0.map { $0 + "\n" }.joined().utf8) }
    }

    init() throws { self.folder = try ScratchFolder() }

    func run(_ bytes: [UInt8]) {
        let path = folder.write(signed(bytes), to: "log")
        do throws(AuditFailure) {
            let summary = try auditLog(at: path, keyName: nil, anchor: nil)
            precondition(summary.recordCount > 0 && summary.head != nil, "a log without defects has records")
        } catch {
            switch error {
            case .defective(let defect): precondition(!defect.description.isEmpty, "a defect says what is wrong")
            case .unreadable(let fault): precondition(fault == .noLog(path: path), "\(fault)")
            case .stopped: preconditionFailure("nobody stops it")
            }
        }
    }

    private func signed(_ bytes: [UInt8]) -> [UInt8] {
        let key = Self.makeKey()
        let keyName = JSONWebKey(key.publicKey).kid
        var hash: [UInt8] = []
        var log: [UInt8] = []
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let torn = lines.popLast() ?? []
        for line in lines {
            let kind: StatementKind? =
                switch line.first {
                case UInt8(ascii: "c"): .checkpoint
                case UInt8(ascii: "r"): .receipt
                case UInt8(ascii: "t"): .rehearsal
                case .some, .none: nil
                }
            let claims = line.dropFirst().flatMap { $0 == Self.previous ? hash : [$0] }
            let record =
                kind.map { JSONWebSignature.make($0, claims: claims, key: key, keyName: keyName) } ?? Array(line)
            hash = base64URL(unsafe Digest(of: record.span.bytes).bytes)
            log += record + [UInt8(ascii: "\n")]
        }
        return log + torn
    }

    private static func makeKey() -> SigningKey {
        SigningKey(seed: SecureBytes(count: SigningKey.seedByteCount, holding: .keys))
    }
}

private func base64URL(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var (text, bits, bitCount) = ([UInt8](), 0, 0)
    for byte in bytes + [0] {
        (bits, bitCount) = (bits << 8 | Int(byte), bitCount + 8)
        while bitCount >= 6, text.count < (bytes.count * 8 + 5) / 6 {
            bitCount -= 6
            text.append(digits[bits >> bitCount & 63])
        }
        bits &= 0xFFFF
    }
    return text
}
