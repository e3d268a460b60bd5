import Glibc
import Platform

/// Some records of a log in a row, read without stopping whoever writes it.
package struct LogPage: Hashable, Sendable {
    /// Compact JWS texts, the oldest first.
    package var records: [String]
    /// Where the next page begins; `nil` behind the last record.
    package var cursor: String?

    private static let mostBytes = 128 << 10

    /// Reads the page that begins at `cursor`, or at the first record.
    ///
    /// A cursor into a segment that was removed meanwhile goes on with the oldest one that is left.
    package init(folder: String, cursor: String?) throws(EvidenceFault) {
        let names = try naming(folder) { () throws(Errno) in try LogSegment.names(in: folder) }
        let (wanted, start) = Self.parse(cursor)
        self.records = []
        guard let name = names.first(where: { $0 >= wanted }) else { return }
        let offset = name == wanted ? start : 0
        let (bytes, size) = try naming("\(folder)/\(name)") { () throws(Errno) in
            let file = try OwnedDescriptor(opening: "\(folder)/\(name)", flags: O_RDONLY | O_NOFOLLOW)
            return (try file.bytes(at: offset, count: Self.mostBytes), try file.fileSize())
        }
        // A line that is being written has no end yet.
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.records = bytes[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        if end > 0, offset + end < size {
            self.cursor = "\(name):\(offset + end)"
        } else if let next = names.first(where: { $0 > name }) {
            self.cursor = "\(next):0"
        }
    }

    private static func parse(_ cursor: String?) -> (name: String, offset: Int) {
        let parts = (cursor ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let offset = Int(parts[1]), (0...1 << 40).contains(offset) else { return ("", 0) }
        return (String(parts[0]), offset)
    }
}
