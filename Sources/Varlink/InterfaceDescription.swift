/// A Varlink interface, read from its text (varlink.org, Interface Definition).
package struct InterfaceDescription: Hashable, Sendable {
    package indirect enum FieldType: Hashable, Sendable {
        case bool, int, float, string, object
        case named(String)
        case structure([Field])
        case enumeration([String])
        case array(FieldType)
        case map(FieldType)
        case optional(FieldType)
    }

    package struct Field: Hashable, Sendable {
        package let name: String
        package let type: FieldType

        package init(name: String, type: FieldType) {
            self.name = name
            self.type = type
        }
    }

    package struct Method: Hashable, Sendable {
        package let name: String
        package let input: [Field]
        package let output: [Field]
    }

    package struct Definition: Hashable, Sendable {
        package let name: String
        package let type: FieldType
    }

    /// What is wrong with a text.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let line: Int
        package let problem: String
        package var description: String { "Line \(line): \(problem)." }
    }

    package let name: String
    /// The text itself, as it is served.
    package let text: String
    package private(set) var methods: [Method] = []
    package private(set) var types: [Definition] = []
    package private(set) var errors: [Definition] = []

    package init(text: String) throws(Fault) {
        var reader = TokenReader(text)
        try reader.expect("interface")
        self.name = try reader.word()
        self.text = text
        while let keyword = reader.next() {
            let name = try reader.word()
            switch keyword {
            case "method":
                let input = try reader.fields()
                try reader.expect("->")
                methods.append(Method(name: name, input: input, output: try reader.fields()))
            case "type": types.append(Definition(name: name, type: try reader.type()))
            case "error": errors.append(Definition(name: name, type: try reader.type()))
            default: throw reader.fault("“\(keyword)” is not method, type or error")
            }
        }
    }
}

/// Words and signs of an interface text, without its comments; recursion is no deeper than `depthLimit`.
private struct TokenReader {
    private static let depthLimit = 32

    private var tokens: [(text: Substring, line: Int)] = []
    private var at = 0
    /// Types around the one that is read.
    private var depth = 0

    init(_ text: String) {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var rest = line.prefix { $0 != "#" }
            while let first = rest.first {
                let length =
                    if first.isWhitespace { 0 } else if rest.hasPrefix("->") { 2 } else if rest.hasPrefix("[]") {
                        2
                    } else if "():,?[]".contains(first) { 1 } else {
                        rest.prefix { !$0.isWhitespace && !"():,?[]".contains($0) }.count
                    }
                if length > 0 { tokens.append((rest.prefix(length), number + 1)) }
                rest = rest.dropFirst(max(length, 1))
            }
        }
    }

    func fault(_ problem: String) -> InterfaceDescription.Fault {
        InterfaceDescription.Fault(line: tokens.isEmpty ? 1 : tokens[min(at, tokens.count - 1)].line, problem: problem)
    }

    private var peek: Substring? { at < tokens.count ? tokens[at].text : nil }

    mutating func next() -> String? {
        guard let token = peek else { return nil }
        at += 1
        return String(token)
    }

    mutating func expect(_ token: String) throws(InterfaceDescription.Fault) {
        guard next() == token else { throw fault("“\(token)” is missing") }
    }

    mutating func word() throws(InterfaceDescription.Fault) -> String {
        guard let word = next(), word.allSatisfy({ $0.isLetter || $0.isNumber || "._-".contains($0) }) else {
            throw fault("a name is missing")
        }
        return word
    }

    mutating func type() throws(InterfaceDescription.Fault) -> InterfaceDescription.FieldType {
        guard depth < Self.depthLimit else { throw fault("a type has more than \(Self.depthLimit) levels") }
        depth += 1
        defer { depth -= 1 }
        switch peek {
        case "?":
            at += 1
            return .optional(try type())
        case "[]":
            at += 1
            return .array(try type())
        case "[":
            at += 1
            try expect("string")
            try expect("]")
            return .map(try type())
        case "(": return try structureOrEnumeration()
        default: break
        }
        switch try word() {
        case "bool": return .bool
        case "int": return .int
        case "float": return .float
        case "string": return .string
        case "object": return .object
        case let name: return .named(name)
        }
    }

    private mutating func structureOrEnumeration() throws(InterfaceDescription.Fault) -> InterfaceDescription.FieldType
    {
        let isEnumeration = at + 2 < tokens.count && tokens[at + 1].text != ")" && tokens[at + 2].text != ":"
        guard isEnumeration else { return .structure(try fields()) }
        try expect("(")
        var names = [try word()]
        while peek == "," {
            at += 1
            names.append(try word())
        }
        try expect(")")
        return .enumeration(names)
    }

    mutating func fields() throws(InterfaceDescription.Fault) -> [InterfaceDescription.Field] {
        try expect("(")
        var fields: [InterfaceDescription.Field] = []
        while peek != ")" {
            if !fields.isEmpty { try expect(",") }
            let name = try word()
            try expect(":")
            fields.append(InterfaceDescription.Field(name: name, type: try type()))
        }
        at += 1
        return fields
    }
}
