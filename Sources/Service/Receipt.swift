import Biometrics
import Configuration
import Evidence
import Faces
import Interface
import Platform
import Ports
import Session

/// What became of a record; `nil` where only tries were to be kept.
typealias RecordResult = Result<EvidenceLog.Record?, EvidenceFault>

/// SHA-256(SHA-256(nonce) ‖ SHA-256(portrait)) in base64url: whoever has both can check it, nobody finds the portrait.
func bind(nonce: String, to portrait: borrowing SecureBytes) -> String {
    let nonceDigest = digest(ofNonce: nonce)
    let portraitDigest = portrait.withBytes { Digest(of: $0) }
    return Base64URL.string(Digest(of: nonceDigest.bytes + portraitDigest.bytes).bytes)
}

/// What of the person the process still holds, counted now; empty when all was zeroed.
func retainedContent() -> [String] {
    let ofPersons: [SecureMemory.Content] = [.frames, .portrait, .templates, .networks]
    return ofPersons.filter { SecureMemory.byteCount(of: $0) > 0 }.map { "\($0)" }
}

/// What a restart must not forget of tries.
struct KeptCount: Sendable {
    /// As if the last one had not been made, but for its nonce.
    let before: [UInt8]
    let counted: [UInt8]
}

/// What must be kept of an ending over a restart, and what to do for it to hold before one.
typealias CountedEnding = (kept: KeptCount, commit: () -> Void)

extension EvidenceKeeper {
    /// Signs what there is and keeps what was counted on a thread of its own, since the disk may take its time, and
    /// tells `records` what became of it.
    func record(
        _ claims: ReceiptClaims?, _ tries: KeptCount, to records: Mailbox<RecordResult>
    ) throws(Errno) -> WorkerThread {
        try WorkerThread(name: "evidence") { [self] in
            records.post(
                Result { () throws(EvidenceFault) in
                    if let claims { return try record(claims, keeping: tries.counted, otherwise: tries.before) }
                    try keep(tries: tries.counted)
                    return nil
                })
        }
    }
}

extension ReceiptClaims {
    init(
        _ outcome: Outcome, _ request: Counter.Request, _ policy: Policy, source: CaptureSource, pack: ModelPack,
        thresholdSet: String, portraitBinding: String, firmware: Digest?, retained: [String], hasTemplate: Bool,
        duration: Duration
    ) {
        let wire = Counter.Outcome(
            outcome, transaction: request.transaction, source: source, thresholdSet: thresholdSet,
            duration: duration)
        self.init(
            transaction: request.transaction, nonce: request.nonce, purpose: request.purpose,
            consent: Consent(request.consent),
            policy: PolicyName(name: policy.name, digest: Base64URL.string(policy.digest.bytes)),
            verdict: wire.verdict.rawValue, reasons: wire.reasons.map(\.rawValue),
            challenge: wire.challenge.map { Step(instruction: $0.instruction.rawValue, responded: $0.responded) },
            layers: wire.layers.byName, source: source, thresholdSet: wire.thresholdSet,
            portraitBinding: portraitBinding, models: Base64URL.string(pack.digest.bytes),
            firmware: firmware.map { Base64URL.string($0.bytes) } ?? "unknown", retained: retained,
            sealedTemplate: hasTemplate, durationMilliseconds: wire.durationMilliseconds)
    }
}

extension ReceiptClaims.Consent {
    fileprivate init(_ consent: Counter.Consent?) {
        self.init(
            noticeVersion: consent?.noticeVersion ?? "", givenAt: consent?.givenAt ?? "",
            method: consent?.method.rawValue ?? "")
    }
}
