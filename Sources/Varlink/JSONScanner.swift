/// One value inside a JSON text.
struct JSONValue: Hashable {
    enum Kind: Hashable { case object, array, string, number, boolean(Bool), null }

    let kind: Kind
    /// The bytes of the text, the quotes of a string included.
    let range: Range<Int>
}

/// Members to look for in a JSON text, as a tree of their names.
struct JSONMembers {
    private var path = ""
    private var isWanted = false
    private var members: [(name: String, node: JSONMembers)] = []

    /// Paths are names joined by points, from the root object down.
    init(_ paths: [String]) {
        for path in paths {
            add(path.split(separator: ".").map(String.init)[...])
        }
    }

    private mutating func add(_ names: ArraySlice<String>) {
        guard let name = names.first else {
            isWanted = true
            return
        }
        let index = members.firstIndex { $0.name == name } ?? members.endIndex
        if index == members.endIndex {
            var node = JSONMembers([])
            node.path = path.isEmpty ? name : "\(path).\(name)"
            members.append((name, node))
        }
        members[index].node.add(names.dropFirst())
    }

    /// The path to report for the value that stands here; `nil` when it is only on the way.
    fileprivate var wantedPath: String? { isWanted ? path : nil }

    /// The node for the name that starts at `position`; compares in place, so that no name is copied.
    fileprivate func member(at position: Int, in bytes: Span<UInt8>) throws(WireFault) -> JSONMembers? {
        for (name, node) in members {
            var cursor = JSONStringCursor(position: position)
            var rest = name.unicodeScalars[...]
            while let scalar = try cursor.next(in: bytes), scalar == rest.first { rest.removeFirst() }
            if rest.isEmpty, cursor.isAtEnd { return node }
        }
        return nil
    }
}

/// Checks the whole text of a JSON object and finds some of its members, copying nothing out of it.
///
/// Strict: RFC 8259, valid UTF-8, paired surrogates, at most 32 levels. Recursion is no deeper than that.
struct JSONScanner {
    static let depthLimit = 32

    private let longestText: Int
    private let unlimitedPath: String?
    private var unlimitedCount = 0
    private var position = 0
    /// The members that are there, by path.
    private(set) var found: [String: JSONValue] = [:]
    /// The root has a member that nobody looked for.
    private(set) var hasOtherMembers = false

    /// Reads the text of an object from end to end.
    ///
    /// Stops soon after `longestText` bytes that are not of the string at `unlimitedPath`.
    init(
        _ members: JSONMembers, in bytes: Span<UInt8>, longestText: Int = .max, besides unlimitedPath: String? = nil
    ) throws(WireFault) {
        self.longestText = longestText
        self.unlimitedPath = unlimitedPath
        let root = try value(in: bytes, members, depth: 0)
        guard root.kind == .object, position == bytes.count else { throw .notJSON(at: position) }
    }

    /// Reads one value and the blanks around it.
    private mutating func value(
        in bytes: Span<UInt8>, _ members: JSONMembers?, depth: Int
    ) throws(WireFault) -> JSONValue {
        try checkLength()
        guard depth <= Self.depthLimit else { throw .malformed(detail: "it has more than \(Self.depthLimit) levels") }
        skipBlanks(in: bytes)
        let isUnlimited = members?.wantedPath.map { $0 == unlimitedPath } ?? false
        let start = position
        let kind: JSONValue.Kind
        switch peek(in: bytes) {
        case UInt8(ascii: "{"): kind = try object(in: bytes, members, depth: depth)
        case UInt8(ascii: "["): kind = try array(in: bytes, depth: depth)
        case UInt8(ascii: "\""): kind = try string(in: bytes, isUnlimited: isUnlimited)
        case UInt8(ascii: "t"): kind = try literal("true", .boolean(true), in: bytes)
        case UInt8(ascii: "f"): kind = try literal("false", .boolean(false), in: bytes)
        case UInt8(ascii: "n"): kind = try literal("null", .null, in: bytes)
        case .some, .none: kind = try number(in: bytes)
        }
        let value = JSONValue(kind: kind, range: start..<position)
        skipBlanks(in: bytes)
        return value
    }

    private mutating func object(
        in bytes: Span<UInt8>, _ members: JSONMembers?, depth: Int
    ) throws(WireFault) -> JSONValue.Kind {
        try expect("{", in: bytes)
        skipBlanks(in: bytes)
        if peek(in: bytes) != UInt8(ascii: "}") {
            repeat {
                skipBlanks(in: bytes)
                let name = position
                _ = try string(in: bytes)
                let member = try members?.member(at: name + 1, in: bytes)
                skipBlanks(in: bytes)
                try expect(":", in: bytes)
                let value = try value(in: bytes, member, depth: depth + 1)
                if depth == 0, member == nil { hasOtherMembers = true }
                if let path = member?.wantedPath, found.updateValue(value, forKey: path) != nil {
                    throw .repeated(member: path)
                }
            } while skip(",", in: bytes)
        }
        try expect("}", in: bytes)
        return .object
    }

    private mutating func array(in bytes: Span<UInt8>, depth: Int) throws(WireFault) -> JSONValue.Kind {
        try expect("[", in: bytes)
        skipBlanks(in: bytes)
        if peek(in: bytes) != UInt8(ascii: "]") {
            repeat { _ = try value(in: bytes, nil, depth: depth + 1) } while skip(",", in: bytes)
        }
        try expect("]", in: bytes)
        return .array
    }

    private mutating func string(in bytes: Span<UInt8>, isUnlimited: Bool = false) throws(WireFault) -> JSONValue.Kind {
        let start = position
        try expect("\"", in: bytes)
        var cursor = JSONStringCursor(position: position)
        repeat {
            cursor.skipPlain(in: bytes)
            position = cursor.position
            if !isUnlimited { try checkLength() }
        } while try cursor.next(in: bytes) != nil
        position = cursor.position
        if isUnlimited { unlimitedCount += position - start }
        return .string
    }

    private func checkLength() throws(WireFault) {
        guard position - unlimitedCount <= longestText else { throw .textTooLong(limit: longestText) }
    }

    private mutating func literal(
        _ text: StaticString, _ kind: JSONValue.Kind, in bytes: Span<UInt8>
    ) throws(WireFault) -> JSONValue.Kind {
        for byte in text.description.utf8 {
            guard peek(in: bytes) == byte else { throw .notJSON(at: position) }
            position += 1
        }
        return kind
    }

    private mutating func number(in bytes: Span<UInt8>) throws(WireFault) -> JSONValue.Kind {
        _ = skip("-", in: bytes)
        if !skip("0", in: bytes) { try digits(in: bytes) }
        if skip(".", in: bytes) { try digits(in: bytes) }
        if skip("e", in: bytes) || skip("E", in: bytes) {
            _ = skip("+", in: bytes) || skip("-", in: bytes)
            try digits(in: bytes)
        }
        return .number
    }

    private mutating func digits(in bytes: Span<UInt8>) throws(WireFault) {
        let start = position
        while let byte = peek(in: bytes), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw .notJSON(at: position) }
    }

    private mutating func skipBlanks(in bytes: Span<UInt8>) {
        while let byte = peek(in: bytes), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            position += 1
        }
    }

    private mutating func skip(_ mark: Unicode.Scalar, in bytes: Span<UInt8>) -> Bool {
        guard peek(in: bytes) == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ mark: Unicode.Scalar, in bytes: Span<UInt8>) throws(WireFault) {
        guard skip(mark, in: bytes) else { throw .notJSON(at: position) }
    }

    private func peek(in bytes: Span<UInt8>) -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }
}
