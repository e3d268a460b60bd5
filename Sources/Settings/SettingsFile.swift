/// A file written as systemd's own are: `[Section]` or `[Section name]`, `Key=Value`, `#` or `;` before a comment.
///
/// A line ends with LF or CRLF and does not go on in the next.
package struct SettingsFile: Hashable, Sendable {
    package static let largestSize = 64 << 10
    package static let longestLine = 1024
    package static let mostSections = 64

    /// What faults call it.
    package let name: String
    package let text: [UInt8]

    package init(name: String, text: [UInt8]) {
        self.name = name
        self.text = text
    }

    /// Without their ends and without the byte order mark that some editors write.
    var lines: [ArraySlice<UInt8>] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = text.starts(with: mark) ? text.dropFirst(mark.count) : text[...]
        return text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    }
}

/// Where something stands in a set of files; ordered as they are read.
package struct SettingsPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    let file: String
    /// The file's place in the set.
    let place: Int
    /// Counted from 1; `nil` for the file as a whole.
    let line: Int?

    package static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.place, lhs.line ?? 0) < (rhs.place, rhs.line ?? 0)
    }

    package var description: String { line.map { "\(file):\($0)" } ?? file }
}

/// A section's kind and, where there can be several of the kind, its name.
struct SectionTitle: Hashable, CustomStringConvertible {
    let kind: String
    let name: String?

    init(kind: String, name: String?) {
        self.kind = kind
        self.name = name
    }

    /// Reads a line that begins with a bracket.
    init(_ line: String, at position: SettingsPosition) throws(SettingsFault) {
        let words = line.dropFirst().dropLast().split { $0 == " " || $0 == "\t" }
        guard line.last == "]", (1...2).contains(words.count) else {
            throw SettingsFault(
                at: position, problem: "\(line.clipped) is no section.", remedy: "Write [Section] or [Section name].")
        }
        self.init(kind: String(words[0]), name: words.count == 2 ? String(words[1]) : nil)
    }

    var description: String { "[\(kind.clipped)\(name.map { " " + $0.clipped } ?? "")]" }
}

/// What one line says.
enum SettingsLine: Hashable {
    case nothing
    /// It begins with a bracket.
    case title(String)
    case entry(key: String, value: String)

    init(_ bytes: ArraySlice<UInt8>, at position: SettingsPosition) throws(SettingsFault) {
        guard bytes.count <= SettingsFile.longestLine else {
            throw SettingsFault(
                at: position, problem: "The line is \(bytes.count) bytes long.",
                remedy: "Keep a line within \(SettingsFile.longestLine) bytes.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsFault(at: position, problem: "The line is not UTF-8.", remedy: "Save the file as UTF-8.")
        }
        // They could rewrite the terminal that a fault is printed on.
        guard text.unicodeScalars.allSatisfy({ $0 == "\t" || $0.properties.generalCategory != .control }) else {
            throw SettingsFault(
                at: position, problem: "The line has a control character.", remedy: "Write the line anew.")
        }
        let line = text.trimmed
        switch line.first {
        case nil, "#", ";": self = .nothing
        case "[": self = .title(line)
        case _: self = try Self.entry(line, at: position)
        }
    }

    private static func entry(_ line: String, at position: SettingsPosition) throws(SettingsFault) -> SettingsLine {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key = String(parts[0]).trimmed
        guard parts.count == 2, !key.isEmpty else {
            throw SettingsFault(
                at: position, problem: "\(line.clipped) sets nothing.",
                remedy: "Write Key=Value, or # before a comment.")
        }
        guard line.last != "\\" else {
            throw SettingsFault(
                at: position, problem: "\(key.clipped) goes on in the next line.", remedy: "Write it in one line.")
        }
        return .entry(key: key, value: String(parts[1]).trimmed)
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: String {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = drop(while: isBlank)
        while text.last.map(isBlank) ?? false { text.removeLast() }
        return String(text)
    }

    /// At most 64 characters, to be quoted in a fault.
    var clipped: String { count > 64 ? prefix(64) + "…" : self }
}
