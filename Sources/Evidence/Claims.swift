import FoundationEssentials
import Platform
package import Ports

/// The place of a record in the log, in the claims of every statement.
package struct Link: Codable, Hashable, Sendable {
    /// Who signs, from commissioning to decommissioning.
    package var device: String
    /// Counts the records of the log from 1; it, not the time, is the order.
    package var sequence: Int
    /// SHA-256 of the record before, in base64url; absent in the first.
    package var previous: String?
    /// The kernel's random name of this boot.
    package var boot: String
    /// RFC 3339, as far as the device's clock can be believed.
    package var issuedAt: String
    /// Whether the clock was synchronised with a time server since boot.
    package var isClockSynchronised: Bool
}

/// What a receipt says, beside its place in the log.
package struct ReceiptClaims: Codable, Hashable, Sendable {
    package struct Consent: Codable, Hashable, Sendable {
        package var noticeVersion: String
        package var givenAt: String
        package var method: String

        package init(noticeVersion: String, givenAt: String, method: String) {
            self.noticeVersion = noticeVersion
            self.givenAt = givenAt
            self.method = method
        }
    }

    package struct Step: Codable, Hashable, Sendable {
        package var instruction: String
        package var responded: Bool

        package init(instruction: String, responded: Bool) {
            self.instruction = instruction
            self.responded = responded
        }
    }

    package struct PolicyName: Codable, Hashable, Sendable {
        package var name: String
        /// SHA-256 of the policy's canonical text, in base64url.
        package var digest: String

        package init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }
    }

    package var transaction: String
    package var nonce: String
    package var purpose: String
    package var consent: Consent
    package var policy: PolicyName
    package var verdict: String
    package var reasons: [String]
    package var challenge: [Step]
    /// What each layer of the attack detection says, by its name.
    package var layers: [String: String]
    package var source: CaptureSource
    package var thresholdSet: String
    /// SHA-256(SHA-256(nonce) ‖ SHA-256(portrait)) in base64url, nonce and portrait as bytes.
    package var portraitBinding: String
    /// SHA-256 of the model pack's description, which names every model with its own, in base64url.
    package var models: String
    /// SHA-256 of the program, in base64url.
    package var firmware: String
    /// Kinds of content that the device still held when it signed; empty when all was zeroed.
    package var retained: [String]
    /// Whether the template went out, sealed for the operator.
    package var sealedTemplate: Bool
    package var durationMilliseconds: Int

    package init(
        transaction: String, nonce: String, purpose: String, consent: Consent, policy: PolicyName, verdict: String,
        reasons: [String], challenge: [Step], layers: [String: String], source: CaptureSource, thresholdSet: String,
        portraitBinding: String, models: String, firmware: String, retained: [String], sealedTemplate: Bool,
        durationMilliseconds: Int
    ) {
        self.transaction = transaction
        self.nonce = nonce
        self.purpose = purpose
        self.consent = consent
        self.policy = policy
        self.verdict = verdict
        self.reasons = reasons
        self.challenge = challenge
        self.layers = layers
        self.source = source
        self.thresholdSet = thresholdSet
        self.portraitBinding = portraitBinding
        self.models = models
        self.firmware = firmware
        self.retained = retained
        self.sealedTemplate = sealedTemplate
        self.durationMilliseconds = durationMilliseconds
    }
}

/// Whose key signs a log.
package enum Book: String, Codable, Hashable, Sendable, CaseIterable {
    /// The device's own: receipts that prove something.
    case device
    /// Keys that are thrown away: simulator, recording, virtual camera.
    case rehearsal

    /// The only place that decides what the device key may sign.
    package init(for source: CaptureSource) {
        switch source {
        case .camera: self = .device
        case .recording, .simulator, .virtual: self = .rehearsal
        }
    }
}

/// What the log says about itself.
package struct CheckpointClaims: Codable, Hashable, Sendable {
    package enum Reason: String, Codable, Hashable, Sendable, CaseIterable {
        /// The log begins; a `camera` was pinned before it.
        case commissioned
        /// The segment before was full or old; older ones may be gone.
        case turnedOver
        /// The log did not end as the device had left it.
        case recovered
        /// From the next record on, `nextKey` signs.
        case keyRotated
        /// A key that is thrown away begins; only where no record proves anything.
        case keyThrownAway
        /// A technician works on the device; nothing is verified until `maintenanceEnded`.
        case maintenanceBegan
        case maintenanceEnded
        /// From now on only `camera` is accepted.
        case cameraPinned
    }

    package var reason: Reason
    package var book: Book
    /// The key that signs this record.
    package var key: JSONWebKey
    package var nextKey: JSONWebKey?
    /// Bytes of a half-written record that were cut off.
    package var tornByteCount: Int?
    /// The last record that the device remembers, when the log ends otherwise.
    package var expected: Head?
    /// The camera that is pinned.
    package var camera: CameraIdentity?

    package init(
        reason: Reason, book: Book, key: JSONWebKey, nextKey: JSONWebKey? = nil, tornByteCount: Int? = nil,
        expected: Head? = nil, camera: CameraIdentity? = nil
    ) {
        self.reason = reason
        self.book = book
        self.key = key
        self.nextKey = nextKey
        self.tornByteCount = tornByteCount
        self.expected = expected
        self.camera = camera
    }
}

/// What a technician did that the log tells.
package enum TechnicianDeed: Hashable, Sendable {
    case beganMaintenance, endedMaintenance
    case pinned(CameraIdentity)

    var reason: CheckpointClaims.Reason {
        switch self {
        case .beganMaintenance: .maintenanceBegan
        case .endedMaintenance: .maintenanceEnded
        case .pinned: .cameraPinned
        }
    }

    var camera: CameraIdentity? {
        switch self {
        case .beganMaintenance, .endedMaintenance: nil
        case .pinned(let camera): camera
        }
    }
}

/// Names one record: the log's last, or a backend's last receipt.
package struct Head: Codable, Hashable, Sendable {
    package var sequence: Int
    /// SHA-256 of the record's compact JWS, in base64url.
    package var hash: String

    package init(sequence: Int, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Names a compact JWS.
    package init(of record: String, sequence: Int) {
        let text = Array(record.utf8)
        self.init(of: text.span, sequence: sequence)
    }

    init(of record: Span<UInt8>, sequence: Int) {
        self.sequence = sequence
        self.hash = unsafe Base64URL.string(Digest(of: record.bytes).bytes)
    }
}

/// The claims of one record as they are signed: its place in the log and what it says, in one object.
package struct Statement<Content: Codable & Sendable>: Codable, Sendable {
    package var link: Link
    package var content: Content

    package init(link: Link, content: Content) {
        self.link = link
        self.content = content
    }

    package init(from decoder: any Decoder) throws {
        self.link = try Link(from: decoder)
        self.content = try Content(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try link.encode(to: encoder)
        try content.encode(to: encoder)
    }

    /// Sorted by name, without blanks: equal claims are equal bytes.
    package func json() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { fatalError("claims are made of what JSON can say") }
        return Array(data)
    }

    /// `nil` when the text is not that of such claims.
    package init?(json: [UInt8]) {
        guard let statement = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = statement
    }
}
