import Platform

/// Checks a log record by record, with nothing but its text and, if there is one, an anchor.
///
/// Its memory does not grow with the log.
package struct LogAudit {
    /// What is wrong, and with which record.
    package enum Defect: Error, Hashable, Sendable, CustomStringConvertible {
        case notSigned(record: Int)
        case notAChain(record: Int)
        case missing(records: ClosedRange<Int>)
        case repeated(record: Int)
        case unexpectedKind(record: Int)
        case otherKey(record: Int, name: String)
        case noBeginning
        case anchorDiffers(record: Int)
        case endsBeforeAnchor(last: Int, anchor: Int)
        case beginsBehindAnchor(first: Int, anchor: Int)
        case tooLong(afterRecord: Int)

        package var description: String {
            switch self {
            case .notSigned(let record): "Record \(record) is changed or was not written by this device."
            case .notAChain(let record): "Record \(record) does not follow the one before: records were changed."
            case .missing(let records):
                records.count == 1
                    ? "Record \(records.lowerBound) is missing."
                    : "Records \(records.lowerBound) to \(records.upperBound) are missing."
            case .repeated(let record): "Record \(record) is out of order or there twice."
            case .unexpectedKind(let record): "Record \(record) is of a kind that does not belong into this log."
            case .otherKey(let record, let name): "Record \(record) begins with key \(name), not with the given one."
            case .noBeginning: "The log does not begin with a checkpoint: records before its first are cut off."
            case .anchorDiffers(let record): "Record \(record) is not the one that the anchor names."
            case .endsBeforeAnchor(let last, let anchor):
                "The log ends at record \(last), but the anchor is record \(anchor): the end is cut off."
            case .beginsBehindAnchor(let first, let anchor):
                "The log begins at record \(first), behind the anchor, record \(anchor)."
            case .tooLong(let record): "What follows record \(record) is no record."
            }
        }
    }

    /// What was found in a log without defects.
    package struct Summary: Hashable, Sendable {
        package var recordCount = 0
        package var receiptCount = 0
        package var first = 0
        package var head: Head?
        package var device = ""
        /// Name of the key that the log begins with; it is only as good as the way on which the auditor got it.
        package var keyName = ""
        /// The records prove nothing: they were signed with keys that are thrown away.
        package var isRehearsal = false
        package var isAnchored = false
        /// Bytes of a half-written record at the end, which the device closes at its next start.
        package var tornByteCount = 0
    }

    private let keyName: String?
    private let anchor: Head?
    private var reader = JSONWebSignatureReader()
    private var summary = Summary()

    /// Takes the name (thumbprint) of the key that the log must begin with, and a record that must be in it.
    package init(keyName: String? = nil, anchor: Head? = nil) {
        self.keyName = keyName
        self.anchor = anchor
    }

    /// Checks the next record, without its line end.
    package mutating func read(_ line: Span<UInt8>) throws(Defect) {
        if summary.recordCount == 0 { try begin(with: line) }
        let expected = (summary.head?.sequence ?? summary.first - 1) + 1
        var signed = reader.read(line)
        if signed == nil, summary.isRehearsal, takesNewKey(line) { signed = reader.read(line) }
        guard let kind = signed?.kind else { throw .notSigned(record: expected) }
        guard let sequence = Claim.sequence(in: reader.claims), sequence < .max else {
            throw .notSigned(record: expected)
        }
        if sequence > expected { throw .missing(records: expected...(sequence - 1)) }
        if sequence < expected { throw .repeated(record: sequence) }
        if let head = summary.head, Claim.previous(in: reader.claims) != Array(head.hash.utf8)[...] {
            throw .notAChain(record: sequence)
        }
        let head = Head(of: line, sequence: sequence)
        if let anchor, anchor.sequence == sequence {
            guard anchor.hash == head.hash else { throw .anchorDiffers(record: sequence) }
            summary.isAnchored = true
        }
        try count(kind, sequence)
        summary.head = head
        summary.recordCount += 1
    }

    /// Notes bytes behind the last whole line.
    package mutating func noteTorn(byteCount: Int) { summary.tornByteCount = byteCount }

    /// Says that no record follows.
    package func finish() throws(Defect) -> Summary {
        guard let head = summary.head else { throw .noBeginning }
        if let anchor, !summary.isAnchored {
            if anchor.sequence < summary.first {
                throw .beginsBehindAnchor(first: summary.first, anchor: anchor.sequence)
            }
            throw .endsBeforeAnchor(last: head.sequence, anchor: anchor.sequence)
        }
        return summary
    }

    // MARK: Keys and kinds

    /// Takes the key out of the first record, which must be a checkpoint.
    private mutating func begin(with line: Span<UInt8>) throws(Defect) {
        guard reader.readUnchecked(line), let first = Statement<CheckpointClaims>(json: reader.claims),
            let key = first.content.key.publicKey, (1..<Int.max).contains(first.link.sequence)
        else { throw .noBeginning }
        let name = first.content.key.kid
        if let keyName, keyName != name { throw .otherKey(record: first.link.sequence, name: name) }
        reader.trust(key)
        summary.first = first.link.sequence
        summary.keyName = name
        summary.device = first.link.device
        summary.isRehearsal = first.content.book == .rehearsal
    }

    private mutating func takesNewKey(_ line: Span<UInt8>) -> Bool {
        guard reader.readUnchecked(line), let checkpoint = Statement<CheckpointClaims>(json: reader.claims),
            checkpoint.content.reason == .keyThrownAway, let key = checkpoint.content.key.publicKey
        else { return false }
        reader.forgetKeys()
        reader.trust(key)
        return true
    }

    private mutating func count(_ kind: StatementKind, _ sequence: Int) throws(Defect) {
        switch kind {
        case .receipt where !summary.isRehearsal, .rehearsal where summary.isRehearsal: summary.receiptCount += 1
        case .checkpoint:
            guard let checkpoint = Statement<CheckpointClaims>(json: reader.claims) else {
                throw .unexpectedKind(record: sequence)
            }
            if let next = checkpoint.content.nextKey, checkpoint.content.reason == .keyRotated {
                guard let key = next.publicKey else { throw .unexpectedKind(record: sequence) }
                reader.forgetKeys()
                reader.trust(key)
            }
        case .receipt, .rehearsal, .head: throw .unexpectedKind(record: sequence)
        }
    }
}

/// Finds two claims in JSON text that this device signed, without decoding the rest.
///
/// The text is canonical and signed before it comes here. Inside of strings quotes are escaped, so a name with its
/// quotes is a name. Another object that has one of these names, as `expected` has, stands before them: the claims are
/// sorted, and searched from their end.
private enum Claim {
    private static let sequenceName = Array(#""sequence":"#.utf8)
    private static let previousName = Array(#""previous":""#.utf8)

    static func sequence(in json: [UInt8]) -> Int? {
        guard let start = end(of: sequenceName, in: json) else { return nil }
        let digits = json[start...].prefix { (48...57).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    static func previous(in json: [UInt8]) -> ArraySlice<UInt8>? {
        guard let start = end(of: previousName, in: json) else { return nil }
        return json[start...].prefix { $0 != UInt8(ascii: "\"") }
    }

    private static func end(of name: [UInt8], in json: [UInt8]) -> Int? {
        var index = json.count - name.count
        while index > 0 {
            if json[index] == name[0], json[index..<index + name.count].elementsEqual(name),
                json[index - 1] == UInt8(ascii: ",") || json[index - 1] == UInt8(ascii: "{")
            {
                return index + name.count
            }
            index -= 1
        }
        return nil
    }
}
