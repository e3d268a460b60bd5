import Glibc
import Platform

/// Reads the lines of a log from a folder of segments or from one file, with memory that does not grow.
package struct LogReader: ~Copyable {
    private static let chunkByteCount = 4 * EvidenceLog.longestRecord

    private let path: String
    /// Whether it is a log that is written, not a file that was exported.
    package let isFolder: Bool
    private var paths: [String]
    private var byteCount = 0
    private var file: OwnedDescriptor?
    private var buffer: [UInt8] = []
    private var start = 0

    /// Opens a folder that holds segments, or one file of records.
    package init(path: String) throws(EvidenceFault) {
        let (isFolder, paths) = try naming(path) { () throws(Errno) in
            guard try isDirectory(path) else { return (false, [path]) }
            return (true, try LogSegment.names(in: path).map { "\(path)/\($0)" })
        }
        self.path = path
        self.isFolder = isFolder
        self.paths = paths.reversed()
    }

    /// Hands every whole line, without its end, to `body`, and returns the number of bytes behind the last one.
    ///
    /// A line that is longer than any record comes as it is, cut at the end of the chunk. Where there is nothing at all
    /// is no log.
    package mutating func forEachLine<Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Void, failing: (EvidenceFault) -> Failure
    ) throws(Failure) -> Int {
        var rest = 0
        while let path = paths.popLast() {
            rest = try readFile(path, body, failing)
            // Only the last segment may end in the middle of a record.
            let noRecord: [UInt8] = []
            if rest > 0, !paths.isEmpty { try body(noRecord.span) }
        }
        if byteCount == 0 { throw failing(.noLog(path: path)) }
        return rest
    }

    private mutating func readFile<Failure: Error>(
        _ path: String, _ body: (Span<UInt8>) throws(Failure) -> Void, _ failing: (EvidenceFault) -> Failure
    ) throws(Failure) -> Int {
        do throws(Errno) { file = try OwnedDescriptor(opening: path, flags: O_RDONLY) } catch {
            throw failing(.system(path, error))
        }
        buffer.removeAll(keepingCapacity: true)
        start = 0
        while true {
            let count: Int
            do throws(Errno) { count = try fill() } catch { throw failing(.system(path, error)) }
            var searched = start
            while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                try body(buffer.span.extracting(start..<end))
                (start, searched) = (end + 1, end + 1)
            }
            if buffer.count - start > EvidenceLog.longestRecord {
                try body(buffer.span.extracting(start...))
                start = buffer.count
            }
            if count == 0 { return buffer.count - start }
        }
    }

    /// Drops what was read and reads the next chunk behind it; 0 at the end of the file.
    private mutating func fill() throws(Errno) -> Int {
        buffer.removeSubrange(..<start)
        start = 0
        let old = buffer.count
        buffer += [UInt8](repeating: 0, count: Self.chunkByteCount)
        let count = try file?.withRaw { raw throws(Errno) in
            try retrying {
                unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe read(raw, bytes.baseAddress.map { unsafe $0 + old }, bytes.count - old)
                }
            }
        }
        buffer.removeLast(buffer.count - old - (count ?? 0))
        byteCount += count ?? 0
        return count ?? 0
    }
}

/// Audits the log at `path`, asking before each record whether it shall stop.
package func auditLog(
    at path: String, keyName: String?, anchor: Head?, stop: () -> Bool = { false }
) throws(AuditFailure) -> LogAudit.Summary {
    var audit = LogAudit(keyName: keyName, anchor: anchor)
    var reader: LogReader
    do throws(EvidenceFault) { reader = try LogReader(path: path) } catch { throw .unreadable(error) }
    var recordCount = 0
    let torn = try reader.forEachLine { line throws(AuditFailure) in
        if stop() { throw .stopped(recordCount: recordCount) }
        do throws(LogAudit.Defect) { try audit.read(line) } catch { throw .defective(error) }
        recordCount += 1
    } failing: {
        .unreadable($0)
    }
    audit.noteTorn(byteCount: torn)
    do throws(LogAudit.Defect) { return try audit.finish() } catch { throw .defective(error) }
}

/// Why an audit found no good log.
package enum AuditFailure: Error, Hashable, Sendable {
    case unreadable(EvidenceFault)
    case defective(LogAudit.Defect)
    /// It was told to stop behind so many good records.
    case stopped(recordCount: Int)
}
