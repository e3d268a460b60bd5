import Biometrics
package import Configuration
import Evidence
import Faces
package import Interface
import Platform
import Ports

/// Why a request is refused before anything is looked at.
package enum RequestRefusal: Error, Hashable, Sendable {
    case invalidParameter(String)
    case refused(WireError)
}

extension VerificationHost {
    /// What was found to be there before the portrait is looked at.
    struct Means {
        let pack: ModelPack
        let thresholds: ComparisonThresholds
        let keeper: EvidenceKeeper
        /// `nil` for a device whose illuminators were not calibrated.
        let calibration: LightCalibration?
        /// Set when the policy hands out the template.
        let sealingKey: SealingKey?
    }
}

/// Checks what a client says about a verification and finds its policy; the portrait is checked by itself.
package func check(_ request: Counter.Request, _ configuration: Configuration) throws(RequestRefusal) -> Policy {
    guard (1...256).contains(request.transaction.utf8.count) else { throw .invalidParameter("transaction") }
    guard isNonce(request.nonce) else { throw .invalidParameter("nonce") }
    guard (1...256).contains(request.purpose.utf8.count) else { throw .invalidParameter("purpose") }
    let policy = configuration.policy(named: request.policy ?? Policy.defaultName)
    guard let policy else { throw .invalidParameter("policy") }
    guard let consent = request.consent else { throw .refused(.consentMissing) }
    guard (1...256).contains(consent.noticeVersion.utf8.count) else { throw .invalidParameter("noticeVersion") }
    guard isTimestamp(consent.givenAt) else { throw .invalidParameter("givenAt") }
    return policy
}

/// Whether `text` is 16 to 64 bytes in base64url without padding.
private func isNonce(_ text: String) -> Bool {
    let digits = Array(text.utf8)
    let isAlphabet = digits.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
    return isAlphabet && digits.count % 4 != 1 && (16...64).contains(digits.count * 3 / 4)
}

/// Whether `text` has the shape of RFC 3339, such as 2026-11-24T10:31:00Z or with +07:00 at the end.
private func isTimestamp(_ text: String) -> Bool {
    let pattern = Array("0000-00-00T00:00:00".utf8)
    let bytes = Array(text.utf8)
    guard bytes.count > pattern.count, bytes.count <= 40 else { return false }
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    let fits = zip(bytes, pattern).allSatisfy { byte, sign in sign == UInt8(ascii: "0") ? isDigit(byte) : byte == sign }
    var rest = bytes.dropFirst(pattern.count)
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst()
        let fraction = rest.prefix(while: isDigit)
        if fraction.isEmpty { return false }
        rest = rest.dropFirst(fraction.count)
    }
    if rest.elementsEqual("Z".utf8) { return fits }
    guard let sign = rest.first, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(sign), rest.count == 6 else {
        return false
    }
    let zone = Array(rest.dropFirst())
    return fits && zone[2] == UInt8(ascii: ":") && [0, 1, 3, 4].allSatisfy { isDigit(zone[$0]) }
}

extension Counter.ReferenceProblem {
    init(_ fault: ReferenceFault) {
        switch fault {
        case .notJPEG: self = .notJPEG
        case .tooLarge: self = .tooLarge
        case .corrupt: self = .corrupt
        case .noFace: self = .noFace
        case .severalFaces: self = .severalFaces
        case .tooSmall: self = .tooSmall
        case .tooBlurred: self = .tooBlurred
        case .turnedAway: self = .turnedAway
        }
    }
}
