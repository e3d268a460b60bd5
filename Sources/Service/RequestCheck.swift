import Biometrics
package import Configuration
import Cues
import Evidence
import Faces
package import Interface
import Pipeline
import Platform
import Ports
import Session

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

        /// What the analysis looks with.
        func setup(_ framing: FramingRequirements, source: CaptureSource) -> Analyst.Setup {
            Analyst.Setup(
                pack: pack, thresholds: thresholds, requirements: framing, source: source,
                lightDelays: LightSwitch.delays(calibration))
        }
    }
}

/// Checks what a client says about a verification and finds its policy; the portrait is checked by itself.
package func check(_ request: Counter.Request, _ configuration: Configuration) throws(RequestRefusal) -> Policy {
    try demand(isText(request.transaction), "transaction", "a text of 1 to 256 bytes")
    try demand(nonceBytes(request.nonce) != nil, "nonce", "base64url of 16 to 64 random bytes, without padding")
    try demand(isText(request.purpose), "purpose", "a text of 1 to 256 bytes")
    let policy = configuration.policy(named: request.policy ?? Policy.defaultName)
    guard let policy else { throw unfit("policy", "the name of a policy in the device's configuration") }
    guard let consent = request.consent else { throw .refused(.consentMissing) }
    try demand(isText(consent.noticeVersion), "noticeVersion", "a text of 1 to 256 bytes")
    try demand(isTimestamp(consent.givenAt), "givenAt", "a time in RFC 3339, such as 2026-11-24T10:31:00+07:00")
    return policy
}

/// The digest of the bytes that a checked request's nonce stands for.
func digest(ofNonce text: String) -> Digest {
    guard let bytes = nonceBytes(text) else { preconditionFailure("a request is checked before its nonce is used") }
    return Digest(of: bytes)
}

private func demand(_ isRight: Bool, _ parameter: String, _ form: String) throws(RequestRefusal) {
    if !isRight { throw unfit(parameter, form) }
}

private func unfit(_ parameter: String, _ form: String) -> RequestRefusal {
    .refused(.invalidParameter(parameter, problem: "The \(parameter) is not \(form).", remedy: "Send \(form)."))
}

private func isText(_ text: String) -> Bool { (1...256).contains(text.utf8.count) }

/// The bytes of a nonce; `nil` when `text` is not the only way to write 16 to 64 bytes in base64url.
private func nonceBytes(_ text: String) -> [UInt8]? {
    Base64URL.decode(text).flatMap { (16...64).contains($0.count) ? $0 : nil }
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
