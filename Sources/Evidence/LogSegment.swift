import FoundationEssentials
import Glibc
import Platform

/// The files that a log consists of.
enum LogSegment {
    /// The end of a segment.
    struct Tail {
        /// The last whole line, without its end.
        var lastLine: [UInt8]?
        /// Bytes behind it.
        var tornByteCount: Int
        /// Whole lines among the bytes that were looked at.
        var lineCount: Int
        /// Whether these were all.
        var isWholeFile: Bool
    }

    /// A segment is named by its first record, so that names sort as records do.
    static func name(sequence: Int) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(12 - digits.utf8.count, 0)) + digits + ".log"
    }

    /// The segments in a log's folder, the oldest first.
    static func names(in folder: String) throws(Errno) -> [String] {
        try visibleNames(in: folder).filter { name in
            name.hasSuffix(".log") && name.utf8.count >= 16
                && name.utf8.dropLast(4).allSatisfy { (48...57).contains($0) }
        }.sorted()
    }

    /// Their bytes, in the order of `names`.
    static func sizes(of names: [String], in folder: String) throws(Errno) -> [Int] {
        var sizes: [Int] = []
        for name in names {
            sizes.append(try OwnedDescriptor(opening: "\(folder)/\(name)", flags: O_RDONLY).fileSize())
        }
        return sizes
    }

    /// Bytes of all segments.
    static func byteCount(in folder: String) throws(Errno) -> Int {
        try sizes(of: names(in: folder), in: folder).reduce(0, +)
    }

    static func tail(of file: borrowing OwnedDescriptor) throws(Errno) -> Tail {
        let size = try file.fileSize()
        let count = min(size, 2 * EvidenceLog.longestRecord)
        let bytes = try file.bytes(at: size - count, count: count)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let torn = lines.last?.count ?? 0
        let lastLine = lines.count > 1 ? Array(lines[lines.count - 2]) : nil
        return Tail(
            lastLine: lastLine, tornByteCount: torn, lineCount: max(lines.count - 1, 0), isWholeFile: count == size)
    }

    /// The log's last whole line, without its end; `nil` when there is none.
    static func lastLine(in folder: String) throws(Errno) -> [UInt8]? {
        guard unsafe access(folder, F_OK) == 0 else { return nil }
        for name in try names(in: folder).reversed() {
            let file = try OwnedDescriptor(opening: "\(folder)/\(name)", flags: O_RDONLY | O_NOFOLLOW)
            if let line = try tail(of: file).lastLine { return line }
        }
        return nil
    }

    /// The place in the log that a record claims, unchecked; `nil` when it is no record.
    static func link(of line: Span<UInt8>) -> Link? {
        var reader = JSONWebSignatureReader()
        guard reader.readUnchecked(line) else { return nil }
        return try? JSONDecoder().decode(Link.self, from: Data(reader.claims))
    }

    /// When a record was made, by a clock that could be believed; `nil` by any other.
    private static func time(of line: Span<UInt8>) -> String? {
        link(of: line).flatMap { $0.isClockSynchronised ? $0.issuedAt : nil }
    }

    /// The first time in a segment that can be believed.
    static func firstTime(in path: String) -> String? {
        struct End: Error { var time: String? }
        do throws(End) {
            var reader: LogReader
            do throws(EvidenceFault) { reader = try LogReader(path: path) } catch { throw End() }
            _ = try reader.forEachLine { line throws(End) in
                if let time = time(of: line) { throw End(time: time) }
            } failing: { _ in
                End()
            }
            return nil
        } catch { return error.time }
    }

    /// The time of a segment's last record, where it can be believed.
    static func lastTime(in path: String) -> String? {
        guard let file = try? OwnedDescriptor(opening: path, flags: O_RDONLY) else { return nil }
        return (try? tail(of: file).lastLine).flatMap { time(of: $0.span) }
    }
}

/// What the head's file says: the last record, apart from the log.
struct HeadClaims: Codable, Hashable, Sendable {
    var device: String
    var head: Head

    init(device: String, head: Head) {
        self.device = device
        self.head = head
    }

    init?(json: [UInt8]) {
        guard let claims = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = claims
    }

    func json() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { fatalError("a head is made of what JSON can say") }
        return Array(data)
    }

    /// Not synchronised: after a loss of power it may be older than the log, which the next start can tell.
    func write(to path: String, signedBy key: borrowing SigningKey) throws(Errno) {
        let text = JSONWebSignature.make(.head, claims: json(), key: key, keyName: JSONWebKey(key.publicKey).kid)
        try StateFile.replace(path, with: text, synchronised: false)
    }

    /// The head as it was kept; `nil` when it is missing or not `device`'s.
    ///
    /// Without a key nothing of it is checked.
    static func read(_ path: String, of device: String, signedBy key: PublicKey?) throws(Errno) -> Head? {
        guard let text = try StateFile.read(path, limit: 4096) else { return nil }
        var reader = JSONWebSignatureReader()
        if let key {
            reader.trust(key)
            guard reader.read(text.span)?.kind == .head else { return nil }
        } else {
            guard reader.readUnchecked(text.span) else { return nil }
        }
        guard let claims = HeadClaims(json: reader.claims), claims.device == device else { return nil }
        return claims.head
    }
}
